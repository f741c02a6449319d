using System.Reflection;
using Shouldly;
using TcpStatExporter.Commands;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Tests.Architecture;

/// <summary>Folders are layers: each one uses those below it, none uses one above it, and there are no cycles.</summary>
public sealed class LayerTests
{
    /// <summary>From the bottom up. A folder that is not listed fails the test. Add it at the right place.</summary>
    private static readonly string[] Kernel =
    [
        "TcpStatExporter.Kernel.Model",
        "TcpStatExporter.Kernel.Text",
        "TcpStatExporter.Kernel.Procfs",
        "TcpStatExporter.Kernel.SockDiag",
        "TcpStatExporter.Kernel.Cgroup",
        "TcpStatExporter.Kernel.Linux",
    ];

    private static readonly string[] Daemon =
    [
        "TcpStatExporter",
        "TcpStatExporter.Host",
        "TcpStatExporter.Logging",
        "TcpStatExporter.Counters",
        "TcpStatExporter.Sampling",
        "TcpStatExporter.Sampling.Procfs",
        "TcpStatExporter.Sampling.SockDiag",
        "TcpStatExporter.Sampling.Sources",
        "TcpStatExporter.Namespaces",
        "TcpStatExporter.Advisor",
        "TcpStatExporter.Advisor.Rules",
        "TcpStatExporter.View",
        "TcpStatExporter.Metrics",
        "TcpStatExporter.Top",
        "TcpStatExporter.Web",
        "TcpStatExporter.Web.Page",
        "TcpStatExporter.Systemd",
        "TcpStatExporter.Commands",
    ];

    [Fact]
    public void Layers_of_Kernel_use_only_those_below() => Upwards(typeof(TcpSnapshot).Assembly, Kernel).ShouldBeEmpty();

    [Fact]
    public void Layers_of_the_daemon_use_only_those_below() => Upwards(typeof(CommandLine).Assembly, Daemon).ShouldBeEmpty();

    private static IEnumerable<string> Upwards(Assembly assembly, string[] layers) => Rooms.Uses(assembly)
        .Where(use => Array.IndexOf(layers, use.Key.From) is var from && Array.IndexOf(layers, use.Key.To) is var to && (from < 0 || to < 0 || to > from))
        .Select(use => $"{use.Key.From} -> {use.Key.To}: {use.Value}")
        .Order(StringComparer.Ordinal);
}
