using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Grafana;

/// <summary>The dashboards match their sources. <c>npm run build</c> in grafana/ rebuilds them.</summary>
public sealed partial class GeneratorTests
{
    [Fact]
    public void Dashboards_are_what_the_generator_writes()
    {
        Assert.SkipWhen(Tool.Run(DashboardFile.Folder, "node", "--version") is null || Tool.Run(DashboardFile.Folder, "npm", "--version") is null, "node and npm are not installed");
        var installed = Path.Combine(DashboardFile.Folder, "node_modules", ".package-lock.json");
        if (!File.Exists(installed) || File.GetLastWriteTimeUtc(installed) < File.GetLastWriteTimeUtc(Path.Combine(DashboardFile.Folder, "package-lock.json")))
        {
            var install = Tool.Run(DashboardFile.Folder, "npm", "ci", "--no-audit", "--no-fund")!.Value;
            Assert.SkipWhen(install.ExitCode != 0, $"npm cannot install the generator's packages: {install.Output}");
        }

        var check = Tool.Run(DashboardFile.Folder, "npm", "run", "--silent", "check")!.Value;

        check.ExitCode.ShouldBe(0, check.Output);
    }

    [Fact]
    public void The_lock_files_contain_no_host()
    {
        foreach (var folder in new[] { "", "preview" })
        {
            var text = File.ReadAllText(Path.Combine(DashboardFile.Folder, folder, "package-lock.json"));

            text.ShouldNotContain("\"resolved\"");

            // packages may contain an address for donations
            AddressOutsideFunding().Matches(text).ShouldBeEmpty();
        }
    }

    [GeneratedRegex("(?<!\"url\": \"|\"funding\": \")\\bhttps?://", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex AddressOutsideFunding();
}
