using System.Diagnostics;
using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Namespaces;
using TcpStatExporter.EndToEnd.Truth;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>The namespaces are isolated: what happens in one stays there, and nothing is left behind.</summary>
public sealed class LabTests
{
    [Fact]
    public void A_socket_stays_in_the_namespace_where_it_was_made()
    {
        using var ns = NetNamespace.Create();
        using var other = NetNamespace.Create();
        using var listener = ns.Run(() => KernelSocket.Listener(IPAddress.Loopback, 4));

        Ss.Listeners(ns).ShouldHaveSingleItem().IsAt(listener.LocalEndPoint).ShouldBeTrue();
        Ss.Listeners(other).ShouldBeEmpty();
        using var stranger = other.Run(() => KernelSocket.Tcp());
        stranger.TryConnect(listener.LocalEndPoint).ShouldBe(Libc.EConnRefused);
        using var neighbour = ns.Run(() => KernelSocket.Tcp());
        neighbour.TryConnect(listener.LocalEndPoint).ShouldBe(0);
    }

    /// <summary>A listener is created in its pod's cgroup, which this whole process enters for a moment.</summary>
    [Fact]
    public void Pods_that_listen_at_the_same_time_leave_this_process_where_it_was()
    {
        var home = File.ReadAllText("/proc/self/cgroup");
        for (var round = 0; round < 20; round++)
        {
            using var one = new LabPod($"tcpstat-{Environment.ProcessId}/one");
            using var other = new LabPod($"tcpstat-{Environment.ProcessId}/other");
            using var start = new Barrier(2);
            var threads = new[] { one, other }.Select(pod => new Thread(() =>
            {
                start.SignalAndWait();
                _ = pod.Listen(80, backlog: 1);
            })).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            File.ReadAllText("/proc/self/cgroup").ShouldBe(home);
        }
    }

    [Fact]
    public void A_thread_that_was_inside_does_not_take_the_caller_there()
    {
        using var ns = NetNamespace.Create();
        var before = Current();

        ns.Run(Current).ShouldNotBe(before, StringComparer.Ordinal);

        Current().ShouldBe(before);
        static string? Current() => new FileInfo("/proc/thread-self/ns/net").LinkTarget;
    }

    [Fact]
    public void Exceptions_inside_are_rethrown_outside()
    {
        using var ns = NetNamespace.Create();

        Should.Throw<InvalidTimeZoneException>(() => ns.Run(() => throw new InvalidTimeZoneException("inside")));
    }

    [Fact]
    public void A_sysctl_is_set_in_that_namespace_only()
    {
        using var ns = NetNamespace.Create();
        using var other = NetNamespace.Create();
        var host = File.ReadAllText("/proc/sys/net/ipv4/tcp_fin_timeout");

        ns.SetSysctl("net.ipv4.tcp_fin_timeout", "17");

        ns.GetSysctl("net.ipv4.tcp_fin_timeout").ShouldBe("17");
        other.GetSysctl("net.ipv4.tcp_fin_timeout").ShouldNotBe("17", StringComparer.Ordinal);
        File.ReadAllText("/proc/sys/net/ipv4/tcp_fin_timeout").ShouldBe(host);
        Should.Throw<ArgumentException>(() => ns.SetSysctl("kernel.panic", "0"));
    }

    [Fact]
    public void A_command_runs_inside_and_its_failure_is_reported()
    {
        using var ns = NetNamespace.Create();

        ns.Exec("readlink", "/proc/self/ns/net").Checked().TrimEnd('\n')
            .ShouldBe(ns.Run(() => new FileInfo("/proc/thread-self/ns/net").LinkTarget));
        var failed = ns.Exec("sh", "-c", "echo out; echo err >&2; exit 3");
        (failed.ExitCode, failed.Output, failed.Error).ShouldBe((3, "out\n", "err\n"));
        Should.Throw<InvalidOperationException>(() => failed.Checked()).Message.ShouldContain("err");
    }

    [Fact]
    public void A_command_that_does_not_end_is_killed()
    {
        Requires.RootAndIp();
        var started = Stopwatch.GetTimestamp();

        Should.Throw<TimeoutException>(() => ChildProcess.Run("sleep", ["60"], TimeSpan.FromMilliseconds(200)));

        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_child_ends_with_its_namespace_and_the_namespace_with_the_test()
    {
        ChildProcess child;
        string name;
        int pid;
        using (var ns = NetNamespace.Create())
        {
            name = ns.Name;
            child = ns.Start("sh", ["-c", "echo started; exec sleep 60"]);
            pid = child.Id;
            Wait.Until(() => child.Output is "started\n", () => "the child's output");
            File.Exists("/run/netns/" + name).ShouldBeTrue();
            Directory.Exists($"/proc/{pid}").ShouldBeTrue();
        }

        File.Exists("/run/netns/" + name).ShouldBeFalse();
        Directory.Exists($"/proc/{pid}").ShouldBeFalse();
    }

    [Fact]
    public void A_child_is_stopped_by_a_signal_and_its_exit_code_is_reported()
    {
        using var ns = NetNamespace.Create();
        using var child = ns.Start("sh", ["-c", "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done"]);
        Wait.Until(() => child.Output is "ready\n", () => "the child's output");

        child.Signal(Libc.SigTerm);

        child.WaitForExit(TimeSpan.FromSeconds(5)).ShouldBe(7);
        child.Output.ShouldBe("ready\nbye\n");
    }

    [Fact]
    public void Joined_namespaces_reach_each_other()
    {
        using var first = NetNamespace.Create();
        using var second = NetNamespace.Create();
        using var third = NetNamespace.Create();
        var (here, _) = NetNamespace.Join(first, second);
        var (there, _) = NetNamespace.Join(first, third);

        using var listener = first.Run(() => KernelSocket.Listener(IPAddress.Any, 4));
        second.Run(() => KernelSocket.Connected(new(here, listener.LocalEndPoint.Port))).Dispose();
        third.Run(() => KernelSocket.Connected(new(there, listener.LocalEndPoint.Port))).Dispose();
    }

    [Fact]
    public async Task An_HTTP_client_reaches_a_server_inside()
    {
        using var ns = NetNamespace.Create();
        using var listener = ns.Run(() => KernelSocket.Listener(IPAddress.Loopback, 4));
        using var http = NamespaceHttp.Client(ns, listener.LocalEndPoint);

        var answer = http.GetStringAsync(new Uri("/", UriKind.Relative));
        using var server = listener.Accept();
        server.WaitForData();
        server.Send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ninside"u8);

        (await answer).ShouldBe("inside");
    }

    [Fact]
    public void Leftovers_of_a_killed_run_are_removed_and_those_of_a_live_run_are_kept()
    {
        Requires.RootAndIp();
        using var living = NetNamespace.Create();
        using var gone = ChildProcess.Start("true", []);
        gone.WaitForExit(TimeSpan.FromSeconds(5));
        var stale = $"{NetNamespace.Prefix}{gone.Id}-1";
        ChildProcess.Run("ip", ["netns", "add", stale]).Checked();
        using var left = ChildProcess.Start("ip", ["netns", "exec", stale, "sleep", "60"]);
        Wait.Until(() => ChildProcess.Run("ip", ["netns", "pids", stale]).Output.Contains($"{left.Id}", StringComparison.Ordinal), () => "the child is inside");

        NetNamespace.RemoveStale();

        File.Exists("/run/netns/" + stale).ShouldBeFalse();
        File.Exists("/run/netns/" + living.Name).ShouldBeTrue();
        left.WaitForExit(TimeSpan.FromSeconds(5)).ShouldBe(128 + Libc.SigKill);
    }
}
