using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Advisor;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd.Top;

/// <summary>For each fault, made on the real kernel: one frame names it, and its listener if a listener is at fault.</summary>
public sealed class TopFaultTests
{
    [Fact]
    public void A_full_accept_queue()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 40);
        var frame = FrameOfBusy(ns, fault.Listener);
        ShouldName(frame, "CRITICAL", "is losing connections", fault.Listener);
        Row(frame, fault.Listener).ShouldStartWith("!! ");
        Row(frame, fault.Listener).ShouldContain(" 9/8 ");
    }

    [Fact]
    public void A_full_accept_queue_without_new_clients()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 20);
        fault.StopRetries();
        ShouldName(Frame(ns), "WARNING", "The accept queue of", fault.Listener);
    }

    [Fact]
    public void One_stuck_worker()
    {
        using var ns = NetNamespace.Create();
        using var fault = new OneFullOfGroup(ns, sockets: 4, backlog: 8, clients: 40);
        var frame = FrameOfBusy(ns, fault.Listener);
        ShouldName(frame, "CRITICAL", "does not accept", fault.Listener);
        frame.ShouldContain("One worker of ");
    }

    [Fact]
    public void A_full_SYN_queue_with_cookies()
    {
        using var ns = NetNamespace.Create();
        using var unit = new ServiceUnit("web");
        using var fault = unit.Run(() => new SynQueueFull(ns, syncookies: 1));
        var frame = FrameOfBusy(ns, fault.Listener);
        ShouldName(frame, "WARNING", "is full, and the kernel sends SYN cookies", fault.Listener, unit);
        Row(frame, fault.Listener).ShouldContain($" {fault.Backlog + 1} ");
    }

    [Fact]
    public void A_full_SYN_queue_without_cookies()
    {
        using var ns = NetNamespace.Create();
        using var unit = new ServiceUnit("web");
        using var fault = unit.Run(() => new SynQueueFull(ns, syncookies: 0));
        var frame = FrameOfBusy(ns, fault.Listener);
        ShouldName(frame, "CRITICAL", "are dropped because the SYN queue is full", fault.Listener, unit);
        frame.ShouldContain("because the SYN queue is full and SYN cookies are off");
    }

    [Fact]
    public void A_SYN_queue_limited_by_tcp_max_syn_backlog()
    {
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        server.SetSysctl("net.ipv4.tcp_syncookies", "0");
        server.SetSysctl("net.ipv4.tcp_max_syn_backlog", "256");
        using var unit = new ServiceUnit("web");
        using var fault = unit.Run(() => new SynFlood(server, attacker, backlog: 4096, syns: 0));
        var frame = FrameDuring(server, () => fault.SendSyns(400));
        ShouldName(frame, "CRITICAL", "are dropped because the SYN queue is full", fault.Listener, unit);
        frame.ShouldContain("because the SYN queue is full and SYN cookies are off");
    }

    [Fact]
    public void Bad_cookies()
    {
        using var server = NetNamespace.Create();
        using var attacker = NetNamespace.Create();
        server.SetSysctl("net.ipv4.tcp_syncookies", "1");
        using var fault = new SynFlood(server, attacker, backlog: 128, syns: 2000);
        FrameDuring(server, () => fault.SendBadCookies(25)).ShouldContain("ACKs without a valid SYN cookie arrive");
    }

    [Fact]
    public void A_full_TIME_WAIT_table()
    {
        using var ns = NetNamespace.Create();
        var frame = FrameDuring(ns, () => new TimeWaitOverflow(ns, buckets: 10, closes: 50).Dispose());
        frame.ShouldContain(" WARNING  The TIME_WAIT table is full, and connections skip it");
        frame.ShouldContain("10/10");
    }

    [Fact]
    public void A_CLOSE_WAIT_leak()
    {
        using var ns = NetNamespace.Create();
        using var unit = new ServiceUnit("billing");
        using var fault = unit.Run(() => new CloseWaitLeak(ns, accepted: 30, unaccepted: 0));
        ShouldName(Frame(ns), "WARNING", "does not close its connections: at least 30 always in CLOSE_WAIT", fault.Listener, unit);
    }

    [Fact]
    public void Clients_that_leave_the_queue()
    {
        using var ns = NetNamespace.Create();
        using var fault = new CloseWaitLeak(ns, accepted: 0, unaccepted: 30);
        var frame = Frame(ns);
        frame.ShouldContain($"WARNING   Clients of {fault.Listener} ");
        frame.ShouldContain("leave before they are accepted");
    }

    [Fact]
    public void Exhausted_ports()
    {
        using var ns = NetNamespace.Create();
        using var unit = new ServiceUnit("database");
        using var fault = unit.Run(() => new PortExhaustion(ns, ports: 10, connects: 15));
        var frame = Frame(ns);
        ShouldName(frame, "CRITICAL", "No ephemeral port is left for", fault.Destination, unit);
        frame.ShouldContain("10/10");
    }

    [Fact]
    public void Retransmissions()
    {
        using var ns = NetNamespace.Create();
        using var fault = new Retransmissions(ns, 60);
        Frame(ns).ShouldContain("of the segments sent are retransmissions");
    }

    [Fact]
    public void Closing_with_unread_data()
    {
        using var ns = NetNamespace.Create();
        var frame = FrameDuring(ns, () => new ResetsWithUnreadData(ns, 60).Dispose());
        frame.ShouldContain("connections a second end with a reset");
    }

    [Fact]
    public void Orphans()
    {
        using var ns = NetNamespace.Create();
        using var host = new HostParameters(ns);
        using var fault = new Orphans(ns, 40);
        host.Set("tcp_max_orphans", "32");
        Frame(ns, "--path.procfs", host.Root).ShouldContain(" WARNING  Orphaned connections are at ");
    }

    [Fact]
    public void Memory_pressure()
    {
        using var ns = NetNamespace.Create();
        using var host = new HostParameters(ns);
        using var fault = new UnreadData(ns, connections: 200);
        host.Set("tcp_mem", "0\t0\t1000000");
        Frame(ns, "--path.procfs", host.Root).ShouldContain("TCP is under memory pressure: ");
    }

    private static string Frame(NetNamespace ns, params string[] arguments) =>
        Frame(ExporterProcess.Run(ns, asNobody: false, ["top", "--once", "--for", "4s", .. arguments]));

    /// <summary>Returns one frame of a time in which clients keep connecting to a listener.</summary>
    private static string FrameOfBusy(NetNamespace ns, IPEndPoint listener)
    {
        using var clients = new RestlessClients(ns, listener);
        return Frame(ns);
    }

    /// <summary>Returns one frame of a time in which an action runs.</summary>
    private static string FrameDuring(NetNamespace ns, Action happen) => Frame(DuringWatch.Run(ns, happen, "top", "--once"));

    private static string Frame(CommandResult result)
    {
        result.ExitCode.ShouldBe(0, result.Error);
        return result.Output;
    }

    private static void ShouldName(string frame, string level, string fault, IPEndPoint listener, ServiceUnit? unit = null)
    {
        var verdict = frame.Split('\n')[1];
        verdict.ShouldStartWith($" {level} ", Case.Sensitive, frame);
        verdict.ShouldContain(fault, Case.Sensitive, frame);
        verdict.ShouldContain(unit?.Owning(listener) ?? $"{listener}", Case.Sensitive, frame);
    }

    private static string Row(string frame, IPEndPoint listener) =>
        frame.Split('\n').Single(line => line.Length > 3 && line[3..].StartsWith($"{listener} ", StringComparison.Ordinal));
}
