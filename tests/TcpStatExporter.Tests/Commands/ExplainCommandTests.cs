using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Advisor.Rules;
using TcpStatExporter.Commands;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Commands;

[Collection("console")]
public sealed class ExplainCommandTests
{
    [Fact]
    public void Every_runbook_of_a_rule_is_built_into_the_program() =>
        RuleBook.All.ShouldAllBe(rule => Runbooks.Names.Contains(rule.Runbook) && Runbooks.Text(rule.Runbook).StartsWith("# "));

    [Fact]
    public void Built_in_runbooks_match_the_repository() =>
        Runbooks.Names.Select(Runbooks.Text).ShouldBe(Runbooks.Names.Select(name => File.ReadAllText(Repository.Path($"alerts/runbooks/{name}.md"))));

    [Fact]
    public void No_two_things_share_a_name()
    {
        var names = ExplainCommand.Names().ToArray();
        names.ShouldBeUnique(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("ListenDrops", "TcpExtListenDrops: kernel counter, exported as tcpstat_tcpext_listen_drops_total.", "tcpstat_tcpext_listen_drops_total ", "See also: TcpAcceptQueueOverflow")]
    [InlineData("tcpextlistendrops", "TcpExtListenDrops: kernel counter", "This host now:")]
    [InlineData("tcpstat_tcpext_listen_drops_total", "TcpExtListenDrops: kernel counter")]
    [InlineData("TCPSackRecovery", "with --counters=all.")]
    [InlineData("TcpAbortOnMemory", "TcpAbortOnMemory: alert.")]
    [InlineData("TCPAbortOnMemory", "TcpExtTCPAbortOnMemory: kernel counter")]
    [InlineData("tcpstat_connections", "tcpstat_connections: gauge, labels state.", "tcpstat_connections{state=\"listen\"} ")]
    [InlineData("listener-dropping", "severity critical", "This host now (listener-dropping): ", "Runbook: https://wiki.example/TcpListenerDroppingConnections.md", "## Fix")]
    [InlineData("TcpOrphansNearLimit", "TcpOrphansNearLimit: alert.", "This host now (orphans-near-limit): ", "## What it means")]
    public async Task A_name_is_explained_with_this_hosts_values(string name, params string[] parts)
    {
        var (exitCode, output, _) = await Run(name);
        exitCode.ShouldBe(0);
        foreach (var part in parts)
        {
            output.ShouldContain(part);
        }
    }

    [Theory]
    [InlineData("ListenDrop", " Did you mean 'ListenDrops'?")]
    [InlineData("TcpAcceptQueueFillin", " Did you mean 'TcpAcceptQueueFilling'?")]
    [InlineData("x", "")]
    public async Task An_unknown_name_prints_one_line(string name, string meant)
    {
        var (exitCode, output, error) = await Run(name);
        exitCode.ShouldBe(CommandLine.UsageError);
        output.ShouldBeEmpty();
        error.ShouldBe($"tcpstat-exporter: No metric, kernel counter, alert or finding is called '{name}'.{meant}\n");
    }

    private static async Task<(int ExitCode, string Output, string Error)> Run(string name)
    {
        var options = await Arguments.Options("explain", name, "--runbooks.url=https://wiki.example");
        var (output, error) = (Console.Out, Console.Error);
        using var newOutput = new StringWriter();
        using var newError = new StringWriter();
        Console.SetOut(newOutput);
        Console.SetError(newError);
        try
        {
            var exitCode = await ExplainCommand.RunAsync(options, new ExplainOptions { Name = name, For = TimeSpan.FromMilliseconds(1) });
            return (exitCode, newOutput.ToString(), newError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
