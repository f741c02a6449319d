using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using Xunit;
using static TcpStatExporter.Kernel.Linux.Errno;

namespace TcpStatExporter.Kernel.Tests.Netlink;

/// <summary>Dumps from a kernel that answers late, wrongly or not at all.</summary>
public sealed class NetlinkSocketTests : IDisposable
{
    private readonly ScriptedTransport _kernel = new();
    private readonly NetlinkSocket _socket;

    public NetlinkSocketTests() => _socket = new NetlinkSocket(_kernel, _kernel);

    public void Dispose() => _socket.Dispose();

    [Fact]
    public void A_reply_may_come_in_parts()
    {
        _kernel.Datagram(Row(1), Row(1)).Datagram(Row(1)).Datagram(End(1));
        Dump(out var sockets).ShouldBe(new DumpResult(ReadResult.Ok, Interrupted: false, Errno: 0));
        sockets.ShouldBe(3);
        _socket.HasUnreadReply.ShouldBeFalse();
    }

    [Fact]
    public void A_dump_may_be_read_in_several_parts()
    {
        _kernel.Datagram(Row(1), Row(1)).Datagram(Row(1)).Datagram(Row(1), End(1)).Datagram(End(2));
        Part(2).ShouldBe(3);
        _socket.HasUnreadReply.ShouldBeTrue();
        _kernel.Requests.ShouldBe([1u]);
        Part(2).ShouldBe(1);
        _socket.HasUnreadReply.ShouldBeFalse("it ended");
        _kernel.Requests.ShouldBe([1u]);
        Part(2).ShouldBe(0);
        _kernel.Requests.ShouldBe([1u, 2u]);

        long Part(int datagrams)
        {
            var tally = new SocketTally(hasLimit: true);
            var visitor = new SocketTally.Visitor(tally);
            _socket.DumpPart(InetDiagRequest.Connections, datagrams, ref visitor).ShouldBe(new DumpResult(ReadResult.Ok, Interrupted: false, Errno: 0));
            return tally.States.Total;
        }
    }

    [Fact]
    public void An_interruption_anywhere_is_reported()
    {
        _kernel.Datagram(Row(1, NlMsgHdr.FlagDumpInterrupted)).Datagram(End(1));
        Dump(out _).Interrupted.ShouldBeTrue();
        _kernel.Datagram(Row(2)).Datagram(Recorded.Done(flags: NlMsgHdr.FlagDumpInterrupted, sequence: 2));
        Dump(out _).Interrupted.ShouldBeTrue();
        _kernel.Datagram(End(3));
        Dump(out _).Interrupted.ShouldBeFalse();
    }

    [Fact]
    public void No_answer_is_a_timeout()
    {
        var start = _kernel.GetTimestamp();
        _socket.Timeout = TimeSpan.FromSeconds(2);
        Dump(out _).Result.ShouldBe(ReadResult.Failed(SourceError.Timeout));
        _kernel.GetElapsedTime(start).ShouldBe(TimeSpan.FromSeconds(2));
        _socket.HasUnreadReply.ShouldBeTrue();
    }

    [Fact]
    public void The_deadline_is_for_the_whole_dump()
    {
        for (var i = 0; i < 100; i++)
        {
            _kernel.Slow(TimeSpan.FromSeconds(1), Row(1));
        }

        _socket.Timeout = TimeSpan.FromSeconds(10);
        Dump(out var sockets).Result.Error.ShouldBe(SourceError.Timeout);
        sockets.ShouldBe(10);
    }

    [Fact]
    public void A_stream_of_strange_messages_ends_at_the_deadline_too()
    {
        for (var i = 0; i < 100; i++)
        {
            _kernel.Slow(TimeSpan.FromSeconds(1), Row(77));
        }

        Dump(out var sockets).Result.Error.ShouldBe(SourceError.Timeout);
        sockets.ShouldBe(0);
        _kernel.Left.ShouldBe(95);
    }

    [Fact]
    public void A_signal_does_not_end_a_dump()
    {
        _kernel.SendErrors.Enqueue(EINTR);
        _kernel.Fails(EINTR).Datagram(Row(1)).Fails(EINTR).Datagram(End(1));
        Dump(out var sockets).IsOk.ShouldBeTrue();
        sockets.ShouldBe(1);
    }

    [Theory]
    [InlineData(ENOBUFS, SourceError.NoBuffers)]
    [InlineData(ENOMEM, SourceError.NoBuffers)]
    [InlineData(5, SourceError.Io)]
    [InlineData(EPERM, SourceError.PermissionDenied)]
    public void A_receive_that_fails_says_why(int errno, SourceError error)
    {
        _kernel.Datagram(Row(1)).Fails(errno);
        var result = Dump(out _);
        result.Result.ShouldBe(ReadResult.Failed(error));
        result.Errno.ShouldBe(errno);
        _socket.HasUnreadReply.ShouldBeTrue();
    }

    [Theory]
    [InlineData(ENOENT, SourceError.Unsupported)]
    [InlineData(EOPNOTSUPP, SourceError.Unsupported)]
    [InlineData(EINVAL, SourceError.Unsupported)]
    [InlineData(EACCES, SourceError.PermissionDenied)]
    public void An_error_from_the_kernel_ends_the_dump(int errno, SourceError error)
    {
        _kernel.Datagram(Recorded.Done(-errno, sequence: 1));
        Dump(out _).ShouldBe(new DumpResult(ReadResult.Failed(error), Interrupted: false, errno));
        _socket.HasUnreadReply.ShouldBeFalse();

        _kernel.Datagram(End(2));
        Dump(out _).IsOk.ShouldBeTrue();
    }

    [Fact]
    public void A_request_that_cannot_be_sent_leaves_no_unread_reply()
    {
        _kernel.SendErrors.Enqueue(EPERM);
        Dump(out _).Result.ShouldBe(ReadResult.Failed(SourceError.PermissionDenied));
        _socket.HasUnreadReply.ShouldBeFalse();
    }

    [Fact]
    public void A_datagram_larger_than_the_buffer_is_truncated()
    {
        _kernel.Oversized(32 * 1024 + 1);
        Dump(out _).Result.ShouldBe(ReadResult.Failed(SourceError.Truncated));
    }

    [Fact]
    public void Only_the_kernels_messages_are_used()
    {
        _kernel.Forged(Row(1), End(1)).Datagram(Row(1), Row(1), End(1));
        Dump(out var sockets).IsOk.ShouldBeTrue();
        sockets.ShouldBe(2);
    }

    [Fact]
    public void A_malformed_message_leaves_the_rest_unread()
    {
        var broken = Row(1);
        broken[0] = 7;
        _kernel.Datagram(Row(1), broken).Datagram(Row(1), End(1));
        Dump(out _).Result.ShouldBe(ReadResult.Failed(SourceError.Malformed));
        _socket.HasUnreadReply.ShouldBeTrue();
        _kernel.Left.ShouldBe(1);
    }

    [Fact]
    public void A_visitor_that_stops_leaves_the_rest_unread()
    {
        _kernel.Datagram(Row(1), Row(1)).Datagram(Row(1), End(1));
        var visitor = new StopAtOnce();
        _socket.Dump(InetDiagRequest.Full, ref visitor).IsOk.ShouldBeTrue();
        _socket.HasUnreadReply.ShouldBeTrue();
        _kernel.Left.ShouldBe(1);
    }

    private static byte[] Row(uint sequence, ushort flags = 0) => Recorded.Socket(TcpState.Listen, flags: flags, sequence: sequence);

    private static byte[] End(uint sequence) => Recorded.Done(sequence: sequence);

    private DumpResult Dump(out long sockets)
    {
        var tally = new SocketTally(hasLimit: true);
        var visitor = new SocketTally.Visitor(tally);
        var result = _socket.Dump(InetDiagRequest.Full, ref visitor);
        sockets = tally.States.Total;
        return result;
    }

    private readonly struct StopAtOnce : ITcpSocketVisitor
    {
        public bool Visit(in TcpSocket socket) => false;
    }
}
