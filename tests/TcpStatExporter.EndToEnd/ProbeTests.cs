using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>The probe command, as an unprivileged user, in the listener's namespace.</summary>
public sealed class ProbeTests
{
    [Fact]
    public void A_full_queue_fails_and_an_empty_one_passes()
    {
        using var ns = NetNamespace.Create();
        using var full = new AcceptQueueFull(ns, backlog: 8, clients: 12);
        using var listener = ns.Run(() => KernelSocket.Listener(IPAddress.Loopback, 100));

        Probe(ns, full.Listener).ShouldBe((1, $"Port {full.Listener.Port}: accept queue 9 of 8, 112.5 % full, above 80 %.\n"));
        Probe(ns, full.Listener, "--haproxy").ShouldBe((1, "down #accept queue 9 of 8, 112.5 % full\n"));
        Probe(ns, listener.LocalEndPoint).ShouldBe((0, $"Port {listener.LocalEndPoint.Port}: accept queue 0 of 100, 0 % full, within 80 %.\n"));
        Probe(ns, listener.LocalEndPoint, "--haproxy").ShouldBe((0, "up 100%\n"));
    }

    [Fact]
    public void Connections_that_nobody_accepts_fail_after_the_maximum_wait()
    {
        using var ns = NetNamespace.Create();
        using var waiting = new AcceptQueueFull(ns, backlog: 100, clients: 3);
        Wait.Until(() => Probe(ns, waiting.Listener, "--max-wait=300ms").ExitCode == 1, () => "a wait that is too long");
        Probe(ns, waiting.Listener, "--max-wait=300ms").Output.ShouldStartWith($"Port {waiting.Listener.Port}: the oldest connection has waited ");
        Probe(ns, waiting.Listener, "--max-wait=10m").ShouldBe((0, $"Port {waiting.Listener.Port}: accept queue 3 of 100, 3 % full, within 80 %.\n"));
        Probe(ns, waiting.Listener).ExitCode.ShouldBe(0);
        waiting.Drain(3);
        Probe(ns, waiting.Listener, "--max-wait=300ms").ExitCode.ShouldBe(0);
    }

    /// <summary>
    /// Many more than the daemon has series for. With the daemon's limit, only one run in 200 would find all four ports that
    /// the test checks.
    /// </summary>
    [Fact]
    public void A_port_is_found_among_a_thousand()
    {
        using var ns = NetNamespace.Create();
        var listeners = ns.Run(() => Enumerable.Range(0, 1000).Select(_ => KernelSocket.Listener(IPAddress.Loopback, 100)).ToArray());
        try
        {
            var ports = listeners.Select(listener => listener.LocalEndPoint).ToArray();
            foreach (var listener in (IEnumerable<IPEndPoint>)[ports.MinBy(port => port.Port)!, ports.MaxBy(port => port.Port)!, ports[0], ports[^1]])
            {
                Probe(ns, listener).ExitCode.ShouldBe(0, $"{listener}");
            }
        }
        finally
        {
            Array.ForEach(listeners, listener => listener.Dispose());
        }
    }

    [Fact]
    public void Nobody_listening_fails()
    {
        using var ns = NetNamespace.Create();

        Probe(ns, new IPEndPoint(IPAddress.Loopback, 9)).ShouldBe((1, "Nothing listens on port 9.\n"));
    }

    private static (int ExitCode, string Output) Probe(NetNamespace ns, IPEndPoint listener, params string[] arguments)
    {
        var result = ExporterProcess.Run(ns, asNobody: true, ["probe", $"--port={listener.Port}", .. arguments]);
        result.Error.ShouldBeEmpty();
        return (result.ExitCode, result.Output);
    }
}
