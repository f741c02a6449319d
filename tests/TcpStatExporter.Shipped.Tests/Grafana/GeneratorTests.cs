using System.Diagnostics;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Grafana;

/// <summary>The dashboards are what their sources make. <c>npm run build</c> in grafana/ makes them anew.</summary>
public sealed partial class GeneratorTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public void Dashboards_are_what_the_generator_writes()
    {
        Assert.SkipWhen(Run("node", "--version") is null || Run("npm", "--version") is null, "node and npm are not installed");
        var installed = Path.Combine(DashboardFile.Folder, "node_modules", ".package-lock.json");
        if (!File.Exists(installed) || File.GetLastWriteTimeUtc(installed) < File.GetLastWriteTimeUtc(Path.Combine(DashboardFile.Folder, "package-lock.json")))
        {
            var install = Run("npm", "ci", "--no-audit", "--no-fund")!.Value;
            Assert.SkipWhen(install.ExitCode != 0, $"npm cannot install the generator's packages: {install.Output}");
        }

        var check = Run("npm", "run", "--silent", "check")!.Value;

        check.ExitCode.ShouldBe(0, check.Output);
    }

    [Fact]
    public void The_lock_files_name_no_host()
    {
        foreach (var folder in new[] { "", "preview" })
        {
            var text = File.ReadAllText(Path.Combine(DashboardFile.Folder, folder, "package-lock.json"));

            text.ShouldNotContain("\"resolved\"");

            // packages may say where they ask for donations
            AddressOutsideFunding().Matches(text).ShouldBeEmpty();
        }
    }

    private static (int ExitCode, string Output)? Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = DashboardFile.Folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Limit))
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"{program} {string.Join(' ', arguments)} still runs after {Limit.TotalSeconds} s");
            }

            return (process.ExitCode, output.GetAwaiter().GetResult() + error.GetAwaiter().GetResult());
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex("(?<!\"url\": \"|\"funding\": \")\\bhttps?://", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex AddressOutsideFunding();
}
