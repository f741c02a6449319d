using System.Globalization;
using System.Net.Sockets;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>Few files may be open. When the runtime cannot open more, it ends the process, so this must not happen.</summary>
public sealed class FewDescriptorsTests
{
    private const int Storm = 1000;

    [Fact]
    public void Idle_connections_leave_enough_descriptors_for_the_rest()
    {
        Requires.Program("prlimit");
        Requires.Descriptors(Storm + 200);
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, launcher: ["prlimit", "--nofile=260"], isReady: log => log.Contains("Listening on", StringComparison.Ordinal));
        var clients = ns.Run(() => Enumerable.Range(0, Storm).Select(_ => Connect(exporter)).ToArray());
        try
        {
            Wait.Until(() => TryScrape(exporter) is { } scrape && scrape.Samples("tcpstat_source_up").All(source => source.Value == 1), () => $"every source is read; log:\n{exporter.Log}");
            exporter.Log.ShouldContain("The limit of open files is 260");
            exporter.Log.ShouldNotContain("Out of memory");
            exporter.Log.ShouldNotContain("Exception");
        }
        finally
        {
            Array.ForEach(clients, client => client.Dispose());
        }

        exporter.Stop().ShouldBe(0);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(150)]
    public void Too_few_descriptors_print_one_line_and_exit_with_1(int limit)
    {
        Requires.Program("prlimit");
        using var ns = NetNamespace.Create();
        var command = ExporterProcess.CommandLine("--web.listen-address=127.0.0.1:0");

        var result = ns.Exec("prlimit", [$"--nofile={limit.ToString(CultureInfo.InvariantCulture)}", .. command]);

        result.ExitCode.ShouldBe(1);
        result.Output.ShouldBeEmpty();
        result.Error.TrimEnd('\n').Split('\n').ShouldHaveSingleItem().ShouldStartWith($"tcpstat-exporter: The limit of open files is {limit}");
    }

    /// <summary>
    /// Returns null on failure: it has the same address as the storm, so its connection may be closed together with the
    /// storm's.
    /// </summary>
    private static Scrape? TryScrape(ExporterProcess exporter)
    {
        try
        {
            return exporter.ScrapeFresh();
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static Socket Connect(ExporterProcess exporter)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(exporter.Web);
        return socket;
    }
}
