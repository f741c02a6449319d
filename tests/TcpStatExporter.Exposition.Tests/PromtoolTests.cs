using System.ComponentModel;
using System.Diagnostics;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Exposition.Tests;

public sealed class PromtoolTests
{
    [SkippableFact]
    public async Task Promtool_has_nothing_to_say()
    {
        LabelSet[] listeners =
        [
            Page.Listener("0.0.0.0", 80),
            Page.Listener("::", 443),
            LabelSet.Empty.With("address", "\"\\\n\r\t,{}=é€😀"),
        ];
        var page = Page.Write(ExpositionFormat.PrometheusText, writer => Page.WriteSample(writer, listeners));

        var (exitCode, output) = await CheckMetrics(page);
        output.ShouldBeEmpty();
        exitCode.ShouldBe(0);
    }

    [SkippableFact]
    public async Task Promtool_would_speak_up()
    {
        var (exitCode, output) = await CheckMetrics("# TYPE a counter\na 1\n");
        output.ShouldContain("_total");
        exitCode.ShouldNotBe(0);
    }

    private static async Task<(int ExitCode, string Output)> CheckMetrics(string page)
    {
        using var promtool = Start();
        var output = promtool.StandardOutput.ReadToEndAsync();
        var errors = promtool.StandardError.ReadToEndAsync();
        await promtool.StandardInput.WriteAsync(page);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync();
        return (promtool.ExitCode, await output + await errors);
    }

    private static Process Start()
    {
        var command = new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(command)!;
        }
        catch (Win32Exception notFound)
        {
            throw new SkipException("promtool is not on the PATH (Debian: apt-get install prometheus)", notFound);
        }
    }
}
