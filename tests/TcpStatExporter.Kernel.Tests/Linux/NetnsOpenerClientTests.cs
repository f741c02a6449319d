using System.Net;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using TcpStatExporter.Testing.Lab;
using Xunit;
using LabNamespace = TcpStatExporter.Testing.Lab.NetNamespace;

namespace TcpStatExporter.Kernel.Tests.Linux;

public sealed class NetnsOpenerClientTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly byte[] _buffer = NetlinkSocket.CreateBuffer();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_socket_lists_and_finds_the_listeners_of_the_process()
    {
        using var ns = LabNamespace.Create();
        using var process = ns.Start("sleep", ["600"]);
        using var sockets = new SocketList(ns.Run(() => new[]
        {
            KernelSocket.Listener(IPAddress.Loopback, 5),
            KernelSocket.Listener(IPAddress.Any, 6),
            KernelSocket.Listener(IPAddress.IPv6Any, 7),
        }));
        using var opener = new OpenerDouble(_folder.PathOf("opener"));
        using var client = new NetnsOpenerClient(opener.Path);
        using var deaths = new ProcessDeaths();
        using var pidfd = deaths.TryWatch(process.Id, 1)!;
        Wait.Until(() => IsInside(process.Id), () => "nsenter has entered");
        client.TryOpen(pidfd, _buffer, out var socket, out var errno).ShouldBe(OpenerFault.None, $"errno {errno}");
        using (socket)
        {
            socket!.NetnsCookie.ShouldNotBe(0UL);
            socket.NetnsCookie.ShouldNotBe(Own());
            var all = new Collector([]);
            socket.Dump(InetDiagRequest.Listeners, ref all).Result.ShouldBe(ReadResult.Ok);
            all.Found.Select(one => one.SendQueue).Order().ShouldBe([5u, 6u, 7u]);

            var ids = all.Found.Select(one => TcpSocketId.Of(in one)).ToArray();
            var found = new Collector([]);
            socket.FindListeners(ids, ref found).Result.ShouldBe(ReadResult.Ok);
            found.Found.Select(one => one.Cookie).ShouldBe(ids.Select(id => id.Cookie));
            found.Found.ShouldAllBe(one => one.HasDrops && one.State == TcpState.Listen);

            // one that is gone has no answer
            ids[1] = ids[1] with { Cookie = ids[1].Cookie + 1000 };
            found = new Collector([]);
            socket.FindListeners(ids, ref found).Result.ShouldBe(ReadResult.Ok);
            found.Found.Select(one => one.Cookie).ShouldBe([ids[0].Cookie, ids[2].Cookie]);

            Allocated.By(() =>
            {
                var none = default(Nothing);
                socket.FindListeners(ids, ref none);
            }).ShouldBe(0);
        }

        // several requests use one connection, until the client rests
        client.TryOpen(pidfd, _buffer, out var second, out _).ShouldBe(OpenerFault.None);
        second!.Dispose();
        opener.Connections.ShouldBe(1);
        client.Rest();
        client.TryOpen(pidfd, _buffer, out var third, out _).ShouldBe(OpenerFault.None);
        third!.Dispose();
        opener.Connections.ShouldBe(2);
    }

    [Theory]
    [InlineData(OpenerAnswer.Silence, OpenerFault.Silent)]
    [InlineData(OpenerAnswer.HangUp, OpenerFault.Closed)]
    [InlineData(OpenerAnswer.Refusal, OpenerFault.Refused)]
    [InlineData(OpenerAnswer.NoDescriptor, OpenerFault.Malformed)]
    [InlineData(OpenerAnswer.TwoDescriptors, OpenerFault.Malformed)]
    [InlineData(OpenerAnswer.OtherDescriptor, OpenerFault.Malformed)]
    [InlineData(OpenerAnswer.TooLong, OpenerFault.Malformed)]
    public void An_opener_that_hangs_or_lies_leaves_nothing_open(object answer, OpenerFault fault)
    {
        using var ns = LabNamespace.Create();
        using var process = ns.Start("sleep", ["600"]);
        using var opener = new OpenerDouble(_folder.PathOf("opener"), (OpenerAnswer)answer);
        using var deaths = new ProcessDeaths();
        using var pidfd = deaths.TryWatch(process.Id, 1)!;
        using var client = new NetnsOpenerClient(opener.Path);
        client.TryOpen(pidfd, _buffer, out var socket, out _).ShouldBe(fault);
        socket.ShouldBeNull();
        client.Rest();
        // other tests of this process have some for a moment
        Wait.Until(() => Sockets() == 0, () => $"{Sockets()} netlink sockets are open");
    }

    [Fact]
    public void Without_an_opener_the_client_says_why()
    {
        using var deaths = new ProcessDeaths();
        using var pidfd = deaths.TryWatch(Environment.ProcessId, 1)!;
        using var client = new NetnsOpenerClient(_folder.PathOf("none"));
        client.TryOpen(pidfd, _buffer, out _, out var errno).ShouldBe(OpenerFault.Unreachable);
        errno.ShouldBe(Errno.ENOENT);
        using var far = new NetnsOpenerClient(_folder.PathOf(new string('x', 200)));
        far.TryOpen(pidfd, _buffer, out _, out errno).ShouldBe(OpenerFault.Unreachable);
        errno.ShouldBe(Errno.EINVAL);
    }

    [Fact]
    public void Root_opens_sockets_itself_and_is_back_afterwards()
    {
        using var ns = LabNamespace.Create();
        using var process = ns.Start("sleep", ["600"]);
        using var listener = ns.Run(() => KernelSocket.Listener(IPAddress.Loopback, 5));
        using var deaths = new ProcessDeaths();
        using var pidfd = deaths.TryWatch(process.Id, 1)!;
        Wait.Until(() => IsInside(process.Id), () => "nsenter has entered");
        NetnsSelfOpener.IsAllowed.ShouldBeTrue();
        using var self = new NetnsSelfOpener();
        var own = Own();
        self.TryOpen(pidfd, _buffer, out var socket, out var errno).ShouldBe(OpenerFault.None, $"errno {errno}");
        using (socket)
        {
            var all = new Collector([]);
            socket!.Dump(InetDiagRequest.Listeners, ref all).Result.ShouldBe(ReadResult.Ok);
            all.Found.ShouldHaveSingleItem().LocalPort.ShouldBe((ushort)listener.LocalEndPoint.Port);
        }

        Own().ShouldBe(own);
    }

    [Fact]
    public void A_wait_ends_when_a_process_does_or_when_it_is_woken()
    {
        using var process = ChildProcess.Start("sleep", ["600"]);
        using var deaths = new ProcessDeaths();
        using var pidfd = deaths.TryWatch(process.Id, 7)!;
        deaths.Wake();
        deaths.Wait(TimeSpan.FromMinutes(10));
        var dead = new ulong[4];
        deaths.Take(dead).ShouldBe(0);
        process.Dispose();
        deaths.Wait(TimeSpan.FromMinutes(10));
        deaths.Take(dead).ShouldBe(1);
        dead[0].ShouldBe(7UL);
    }

    private static bool IsInside(int pid) => new ProcessTable("/proc") is var table && table.NamespaceOf(pid) is var inode && inode != 0 && inode != table.NamespaceOf(Environment.ProcessId);

    private static ulong Own()
    {
        NetlinkSocket.TryOpen(out var own, out _, out _).ShouldBeTrue();
        using (own)
        {
            return own.NetnsCookie;
        }
    }

    /// <summary>Number of open netlink sockets of this process in its own namespace.</summary>
    private static int Sockets()
    {
        var inodes = File.ReadLines("/proc/self/net/netlink").Skip(1).Select(line => $"socket:[{line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]}]").ToHashSet(StringComparer.Ordinal);
        return Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget is { } target && inodes.Contains(target));
    }

    private readonly struct Collector(List<TcpSocket> found) : ITcpSocketVisitor
    {
        public List<TcpSocket> Found => found;

        public bool Visit(in TcpSocket socket)
        {
            found.Add(socket);
            return true;
        }
    }

    private readonly struct Nothing : ITcpSocketVisitor
    {
        public bool Visit(in TcpSocket socket) => true;
    }

    private sealed class SocketList(KernelSocket[] sockets) : IDisposable
    {
        public void Dispose() => Array.ForEach(sockets, socket => socket.Dispose());
    }
}
