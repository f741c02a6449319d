using System.Net;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;
using TcpStatExporter.Kernel.SockDiag;
using Xunit;
using KernelSocket = TcpStatExporter.Testing.Lab.KernelSocket;
using LabNamespace = TcpStatExporter.Testing.Lab.NetNamespace;

namespace TcpStatExporter.Kernel.Tests.Linux;

public sealed class NetNamespaceTests
{
    [Fact]
    public void Files_and_sockets_are_opened_and_reopened_in_the_namespace() => Elsewhere((path, listeners) =>
    {
        NetNamespace.TryOpen(path, out var net, out var errno).ShouldBeTrue($"errno {errno}");
        using (net)
        using (var tcp = net.Sockets(IpFamily.IPv4))
        {
            Listeners(tcp).ShouldBe(listeners);
            net.HasNetlink.ShouldBeTrue();
            for (var time = 0; time < 2; time++)
            {
                net.TryOpenNetlink(out var netlink, out _, out errno).ShouldBeTrue($"errno {errno}");
                using (netlink)
                {
                    Listeners(netlink).ShouldBe(listeners);
                }

                ProcNet.IsOfCallingThread("/proc/self/net").ShouldBeTrue("the thread is back");
            }

            // a file that is not kept open is reopened for each read
            using var file = net.File("tcp");
            var buffer = new ProcFileBuffer();
            file.Read(buffer).ShouldBe(ReadResult.Ok);
            file.Close(keep: false);
            file.Read(buffer).ShouldBe(ReadResult.Ok);
            buffer.Content.Count((byte)'\n').ShouldBe(1 + listeners);
        }
    });

    [Fact]
    public void Parameters_are_those_of_the_namespace() => Elsewhere((path, _) =>
    {
        NetNamespace.TryOpen(path, out var net, out var errno).ShouldBeTrue($"errno {errno}");
        using (net)
        using (var somaxconn = net.Parameter("net/core/somaxconn"))
        {
            var buffer = new ProcFileBuffer();
            var value = default(SysctlValue);
            somaxconn.Read(buffer).ShouldBe(ReadResult.Ok);
            SysctlNumbers.Parse(buffer.Content, ref value).IsNone.ShouldBeTrue();
            value.First.ShouldBe(77);
        }
    });

    [Fact]
    public void Open_files_still_work_after_it_is_closed_but_nothing_can_be_opened() => Elsewhere((path, listeners) =>
    {
        NetNamespace.TryOpen(path, out var net, out var errno).ShouldBeTrue($"errno {errno}");
        using var tcp = net.Sockets(IpFamily.IPv4);
        Listeners(tcp).ShouldBe(listeners);
        net.Dispose();
        Listeners(tcp).ShouldBe(listeners);
        using var other = net.File("snmp");
        other.Read(new ProcFileBuffer()).IsOk.ShouldBeFalse();
        net.TryOpenNetlink(out var netlink, out _, out _).ShouldBeFalse();
        netlink.ShouldBeNull();
    });

    [Fact]
    public void A_file_that_is_not_a_namespace_gives_the_kernels_error()
    {
        NetNamespace.TryOpen("/run/netns/no-such-namespace", out _, out var errno).ShouldBeFalse();
        errno.ShouldBe(Errno.ENOENT);
        NetNamespace.TryOpen("/dev/null", out _, out errno).ShouldBeFalse();
        errno.ShouldBeOneOf(Errno.EINVAL, Errno.EPERM);
    }

    [Fact]
    public void A_procfs_that_shows_another_namespace_has_no_netlink()
    {
        using var own = NetNamespace.OfProcfs("/proc");
        own.HasNetlink.ShouldBeTrue();
        using var folder = new TemporaryFolder();
        using var copy = NetNamespace.OfProcfs(folder.PathOf(""));
        copy.HasNetlink.ShouldBeFalse();
    }

    /// <summary>
    /// Runs a test on a thread of this namespace. A second namespace has three listeners and a somaxconn of 77.
    /// </summary>
    private static void Elsewhere(Action<string, int> test)
    {
        const int Count = 3;
        using var ns = LabNamespace.Create();
        ns.SetSysctl("net.core.somaxconn", "77");
        var listeners = ns.Run(() => Enumerable.Range(0, Count).Select(_ => KernelSocket.Listener(IPAddress.Loopback, backlog: 1)).ToArray());
        try
        {
            test(ns.FilePath, Count);
        }
        finally
        {
            Array.ForEach(listeners, listener => listener.Dispose());
        }
    }

    private static int Listeners(NetTcpFile file)
    {
        var tally = new SocketTally(hasLimit: false);
        var visitor = new SocketTally.Visitor(tally);
        file.Read(ref visitor).ShouldBe(ReadResult.Ok);
        return tally.Listeners.Count;
    }

    private static int Listeners(NetlinkSocket socket)
    {
        var tally = new SocketTally(hasLimit: true);
        var visitor = new SocketTally.Visitor(tally);
        socket.Dump(InetDiagRequest.Listeners, ref visitor).IsOk.ShouldBeTrue();
        return tally.Listeners.Count;
    }
}
