using System.Net;
using System.Runtime.InteropServices;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using TcpStatExporter.Namespaces;
using Xunit;

namespace TcpStatExporter.Tests.Namespaces;

/// <summary>Listeners of one network namespace, from a kernel that follows a script: when is asked for what.</summary>
public sealed class NetnsSocketsTests : IDisposable
{
    private readonly ScriptedTransport _kernel = new();
    private readonly NetnsScratch _scratch = new();
    private readonly NetnsSockets _sockets;
    private uint _sequence;

    public NetnsSocketsTests() => _sockets = new NetnsSockets(new NetlinkSocket(_kernel, _kernel));

    public void Dispose() => _sockets.Dispose();

    [Fact]
    public void What_a_dump_found_is_asked_for_by_address_and_drops_are_noticed()
    {
        _sockets.WantsDump.ShouldBeTrue();
        Dump((80, 1, 0), (81, 2, 7));
        (_sockets.WantsDump, _sockets.HasMoved, _sockets.HasGroups).ShouldBe((false, false, false), "what was dropped before is old");
        _sockets.All.Span.ToArray().Select(one => (one.Port, one.QueueLimit, one.HasLimit, one.HasDrops)).ShouldBe([((ushort)80, 8u, true, true), ((ushort)81, 8u, true, true)]);

        Answer(80, 1, drops: 0, queue: 3);
        Answer(81, 2, drops: 7, queue: 0);
        LookUp();
        _sockets.All[0].QueueLength.ShouldBe(3u);
        _sockets.HasMoved.ShouldBeFalse();

        Answer(80, 1, drops: 0, queue: 9);
        Answer(81, 2, drops: 8, queue: 0);
        LookUp();
        (_sockets.HasMoved, _sockets.HasMovedSince).ShouldBe((true, true));
        _sockets.All[1].Drops.ShouldBe(8u);

        Answer(80, 1, drops: 0, queue: 9);
        Answer(81, 2, drops: 8, queue: 0);
        LookUp();
        (_sockets.HasMoved, _sockets.HasMovedSince).ShouldBe((false, true));
        _kernel.Requests.Count.ShouldBe(7, "a dump, and three times two");
    }

    [Fact]
    public void A_listener_that_is_gone_makes_a_dump_urgent()
    {
        Dump((80, 1, 0), (81, 2, 0), (82, 3, 0));
        Gone(Errno.ENOENT);
        Answer(81, 2, drops: 0, queue: 1);
        Gone(Errno.ENOENT);
        LookUp();
        _sockets.WantsDump.ShouldBeTrue();
        _sockets.All[1].QueueLength.ShouldBe(1u);
        Dump((81, 2, 0));
        (_sockets.WantsDump, _sockets.HasGroups).ShouldBe((false, false));
    }

    [Fact]
    public void A_listener_that_only_dumps_find_is_not_asked_for_again()
    {
        Dump((80, 1, 0), (81, 2, 0));
        Gone(Errno.ESTALE);
        Answer(81, 2, drops: 0, queue: 0);
        LookUp();
        Dump((80, 1, 0), (81, 2, 0));
        (_sockets.WantsDump, _sockets.HasGroups).ShouldBe((false, true));
        var before = _kernel.Requests.Count;
        Answer(81, 2, drops: 0, queue: 0);
        LookUp();
        (_kernel.Requests.Count - before).ShouldBe(1);
        _sockets.WantsDump.ShouldBeFalse();

        // once it is gone, it is forgotten
        Dump((81, 2, 0));
        _sockets.HasGroups.ShouldBeFalse();
    }

    [Fact]
    public void Sockets_that_share_an_address_are_left_to_dumps()
    {
        Dump((80, 1, 0), (80, 2, 0), (81, 3, 0));
        _sockets.HasGroups.ShouldBeTrue();
        Answer(81, 3, drops: 0, queue: 5);
        LookUp();
        _sockets.All[2].QueueLength.ShouldBe(5u);
        _sockets.WantsDump.ShouldBeFalse();
        Dump((80, 1, 0), (80, 2, 1), (81, 3, 0));
        _sockets.HasMoved.ShouldBeTrue();
    }

    [Fact]
    public void More_listeners_than_fit_into_one_call_are_asked_for_in_several()
    {
        var all = Enumerable.Range(1, 150).Select(number => (1000 + number, (ulong)number, 0u)).ToArray();
        Dump(all);
        Array.ForEach(all, one => Answer(one.Item1, one.Item2, drops: 0, queue: 2));
        LookUp();
        _sockets.All.Span.ToArray().ShouldAllBe(one => one.QueueLength == 2);
        _kernel.Left.ShouldBe(0);
    }

    [Fact]
    public void An_answer_to_somebody_else_is_skipped_and_no_answer_is_a_failure()
    {
        Dump((80, 1, 0));
        _kernel.Datagram(Listener(80, 1, drops: 5, queue: 5, sequence: 4711));
        Answer(80, 1, drops: 0, queue: 1);
        LookUp();
        _sockets.All[0].QueueLength.ShouldBe(1u);

        _sockets.LookUp(_scratch).ShouldBe(ReadResult.Failed(SourceError.Timeout));
        _sequence++;
        Gone(Errno.EPERM);
        _sockets.LookUp(_scratch).ShouldBe(ReadResult.Failed(SourceError.PermissionDenied));
    }

    [Fact]
    public void Losses_that_no_listener_shows_make_a_dump_urgent()
    {
        Dump((80, 1, 0));
        _sockets.Explain(new NetnsLoss { Accepted = 100 });
        _sockets.WantsDump.ShouldBeFalse("the listener accepted them");
        _sockets.Explain(new NetnsLoss { ListenDrops = 1 });
        _sockets.WantsDump.ShouldBeTrue();
        Dump();
        _sockets.Explain(new NetnsLoss { Accepted = 1 });
        _sockets.WantsDump.ShouldBeTrue("somebody must have accepted it");
    }

    private void Dump(params (int Port, ulong Cookie, uint Drops)[] listeners)
    {
        _sequence++;
        _kernel.Datagram(
        [
            .. listeners.Select(one => Listener(one.Port, one.Cookie, one.Drops, queue: 0, _sequence)),
            Recorded.Message(NlMsgHdr.TypeDone, BitConverter.GetBytes(0), sequence: _sequence),
        ]);
        _sockets.Dump(_scratch, TimeSpan.FromSeconds(1), () => TimeSpan.Zero).ShouldBe(ReadResult.Ok);
    }

    private void Answer(int port, ulong cookie, uint drops, uint queue) => _kernel.Datagram(Listener(port, cookie, drops, queue, ++_sequence));

    private void Gone(int errno) => _kernel.Datagram(Recorded.Message(NlMsgHdr.TypeError, BitConverter.GetBytes(-errno), sequence: ++_sequence));

    private void LookUp() => _sockets.LookUp(_scratch).ShouldBe(ReadResult.Ok);

    private static byte[] Listener(int port, ulong cookie, uint drops, uint queue, uint sequence)
    {
        var row = new InetDiagMsg { Family = (byte)IpFamily.IPv4, State = (byte)TcpState.Listen, ReceiveQueue = queue, SendQueue = 8 };
        row.Id.SourcePort = (ushort)IPAddress.HostToNetworkOrder((short)port);
        (row.Id.CookieLow, row.Id.CookieHigh) = ((uint)cookie, (uint)(cookie >> 32));
        var memory = new byte[36];
        BitConverter.TryWriteBytes(memory.AsSpan(32), drops);
        var head = new byte[InetDiagMsg.Size];
        MemoryMarshal.Write(head, in row);
        return Recorded.Message(InetDiagRequest.Type, [.. head, .. Recorded.Attribute(7, memory)], sequence: sequence);
    }
}
