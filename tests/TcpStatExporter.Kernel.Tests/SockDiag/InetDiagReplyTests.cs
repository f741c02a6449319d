using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.SockDiag;

public class InetDiagReplyTests
{
    private const ushort Interrupted = NlMsgHdr.FlagDumpInterrupted;

    public static TheoryData<string> Recordings => [.. Recorded.Names];

    /// <summary>All recordings except the long one, whose rows are all of one kind.</summary>
    public static TheoryData<string> ShortRecordings => [.. Recorded.Names.Where(name => Recorded.Read(name).Length < 8192)];

    [Fact]
    public void There_are_recordings() => Recorded.Names.Length.ShouldBeGreaterThanOrEqualTo(4);

    [Theory]
    [MemberData(nameof(Recordings))]
    public void A_recording_matches_the_output_of_ss(string name)
    {
        var sockets = Recorded.Sockets(Recorded.Read(name), out var result);

        result.ShouldBe(new ReplyResult(ReplyStatus.Done, Interrupted: false));
        var expected = File.ReadAllLines(Path.Combine(Recorded.Folder, name + ".ss.txt"));
        sockets.Select(SsLine.Of).Order(StringComparer.Ordinal).ShouldBe(expected.Select(SsLine.Normalize).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_kind_of_socket_has_its_fields()
    {
        var sockets = Recorded.Sockets(Recorded.Read("every-state"), out _);

        var requests = sockets.Where(s => s.State == TcpState.NewSynRecv).ToList();
        requests.Count.ShouldBe(3);
        requests.ShouldAllBe(s => s.Inode == 0 && !s.HasDrops && s.CgroupId == 0);
        var minisockets = sockets.Where(s => s.Timer == TcpSocket.MinisocketTimer).ToList();
        minisockets.Select(s => s.State).Distinct().ShouldBe([TcpState.TimeWait, TcpState.FinWait2], ignoreOrder: true);
        minisockets.ShouldAllBe(s => s.Inode == 0 && !s.HasDrops && s.CgroupId == 0);
        sockets.Except(requests).Except(minisockets).ShouldAllBe(s => s.HasDrops && s.CgroupId == 1);
        sockets.ShouldAllBe(s => s.Cookie != 0);
        sockets.Count(s => s.State == TcpState.Listen && s.Drops == 1).ShouldBe(1);
        sockets.Count(s => s.State == TcpState.SynRecv).ShouldBe(0);
        sockets.Any(s => s.LocalAddress.IsMappedIPv4).ShouldBeTrue();
    }

    [Fact]
    public void A_dump_continues_until_its_end()
    {
        Parse(Recorded.Socket(TcpState.Listen)).Status.ShouldBe(ReplyStatus.More);
        Parse([]).Status.ShouldBe(ReplyStatus.More);
        Parse(Recorded.Socket(TcpState.Listen), Recorded.Done()).Status.ShouldBe(ReplyStatus.Done);
    }

    [Fact]
    public void Nothing_after_the_end_is_read()
    {
        Recorded.Sockets([.. Recorded.Done(), .. Recorded.Socket(TcpState.Listen)], Recorded.Sequence, Recorded.PortId, out var result).ShouldBeEmpty();
        result.Status.ShouldBe(ReplyStatus.Done);
    }

    [Fact]
    public void Errors_carry_the_kernels_number()
    {
        Parse(Recorded.Error(-95)).ShouldBe(new ReplyResult(ReplyStatus.Error, false, Errno: 95));
        Parse(Recorded.Socket(TcpState.Listen), Recorded.Done(errno: -2)).ShouldBe(new ReplyResult(ReplyStatus.Error, false, Errno: 2));
        Parse(Recorded.Error(int.MinValue)).Status.ShouldBe(ReplyStatus.Error);
        Parse(Recorded.Message(NlMsgHdr.TypeOverrun, [])).ShouldBe(new ReplyResult(ReplyStatus.Error, false, Errno: 105));
    }

    [Fact]
    public void An_acknowledgement_is_not_an_error() =>
        Parse(Recorded.Error(0), Recorded.Done()).Status.ShouldBe(ReplyStatus.Done);

    [Fact]
    public void An_interrupted_dump_says_so_wherever_the_flag_is()
    {
        Parse(Recorded.Socket(TcpState.Listen, flags: Interrupted), Recorded.Done()).ShouldBe(new ReplyResult(ReplyStatus.Done, true));
        Parse(Recorded.Socket(TcpState.Listen), Recorded.Done(flags: Interrupted)).ShouldBe(new ReplyResult(ReplyStatus.Done, true));
        Parse(Recorded.Socket(TcpState.Listen, flags: Interrupted)).ShouldBe(new ReplyResult(ReplyStatus.More, true));
        Parse(Recorded.Socket(TcpState.Listen, flags: Interrupted, sequence: 6), Recorded.Done()).Interrupted.ShouldBeFalse();
    }

    [Fact]
    public void Messages_of_an_earlier_dump_or_another_socket_are_skipped()
    {
        byte[] datagram =
        [
            .. Recorded.Socket(TcpState.Listen, sequence: Recorded.Sequence - 1),
            .. Recorded.Done(sequence: Recorded.Sequence - 1),
            .. Recorded.Socket(TcpState.Listen, portId: 1),
            .. Recorded.Message(NlMsgHdr.TypeNoop, []),
            .. Recorded.Message(99, [1, 2, 3]),
            .. Recorded.Socket(TcpState.Closing),
        ];

        Recorded.Sockets(datagram, Recorded.Sequence, Recorded.PortId, out var result).Select(s => s.State).ShouldBe([TcpState.Closing]);
        result.Status.ShouldBe(ReplyStatus.More);
    }

    [Fact]
    public void A_visitor_can_stop()
    {
        var visitor = new StopAfter(2);
        byte[] datagram = [.. Recorded.Socket(TcpState.Listen), .. Recorded.Socket(TcpState.Listen), .. Recorded.Socket(TcpState.Listen)];
        InetDiagReply.Parse(datagram, Recorded.Sequence, Recorded.PortId, ref visitor).Status.ShouldBe(ReplyStatus.Stopped);
        visitor.Left.ShouldBe(0);
    }

    [Theory]
    [InlineData(0, ReplyFault.MessageTooShort)]
    [InlineData(15, ReplyFault.MessageTooShort)]
    [InlineData(89, ReplyFault.MessageCut)]
    [InlineData(uint.MaxValue, ReplyFault.MessageCut)]
    [InlineData(87, ReplyFault.BodyCut)]
    [InlineData(16, ReplyFault.BodyCut)]
    public void A_message_of_a_wrong_length_is_malformed(uint length, ReplyFault fault)
    {
        var message = Recorded.Socket(TcpState.Listen);
        BitConverter.TryWriteBytes(message, length);
        var first = Recorded.Socket(TcpState.Listen);
        Parse(first, message).ShouldBe(new ReplyResult(ReplyStatus.Malformed, false, Fault: fault, Offset: first.Length));
    }

    [Fact]
    public void A_datagram_cut_in_a_header_is_malformed()
    {
        Parse(Recorded.Done(), [1]).Status.ShouldBe(ReplyStatus.Done);
        Parse(Recorded.Socket(TcpState.Listen), Recorded.Done()[..15]).Fault.ShouldBe(ReplyFault.HeaderCut);
        Parse(Recorded.Message(NlMsgHdr.TypeDone, [0, 0, 0])).Fault.ShouldBe(ReplyFault.BodyCut);
        Parse(Recorded.Message(NlMsgHdr.TypeError, [])).Fault.ShouldBe(ReplyFault.BodyCut);
    }

    [Theory]
    [InlineData(0, ReplyFault.AttributeTooShort)]
    [InlineData(3, ReplyFault.AttributeTooShort)]
    [InlineData(9, ReplyFault.AttributeCut)]
    [InlineData(ushort.MaxValue, ReplyFault.AttributeCut)]
    public void An_attribute_of_a_wrong_length_is_malformed(int length, ReplyFault fault) =>
        Parse(Recorded.Socket(TcpState.Listen, Recorded.Attribute(99, [1, 2, 3, 4], (ushort)length))).Fault.ShouldBe(fault);

    [Fact]
    public void An_unknown_attribute_is_skipped_and_a_known_one_with_flags_is_read()
    {
        const int Nested = 0x8000;
        byte[] attributes =
        [
            .. Recorded.Attribute(99, [1]),
            .. Recorded.Attribute(98, []),
            .. Recorded.Attribute(InetDiagReply.AttributeCgroupId | Nested, BitConverter.GetBytes(0x1_0000_0001ul)),
            .. Recorded.Attribute(InetDiagReply.AttributeSkMemInfo, [.. new byte[32], 5, 0, 0, 0, 9, 9, 9, 9]),
        ];
        var socket = Recorded.Sockets(Recorded.Socket(TcpState.Listen, attributes), Recorded.Sequence, Recorded.PortId, out _).Single();
        (socket.CgroupId, socket.Drops, socket.HasDrops).ShouldBe((0x1_0000_0001ul, 5u, true));
    }

    [Fact]
    public void Memory_without_a_ninth_word_has_no_drops()
    {
        // before Linux 4.7
        var socket = Recorded.Sockets(Recorded.Socket(TcpState.Listen, Recorded.Attribute(InetDiagReply.AttributeSkMemInfo, new byte[32])), Recorded.Sequence, Recorded.PortId, out _).Single();
        socket.HasDrops.ShouldBeFalse();
    }

    /// <summary>struct tcp_info of several kernels. The value of each byte is its offset, so a wrong offset shows.</summary>
    [Theory]
    [InlineData(71, false, false)]
    [InlineData(104, true, false)] // Linux 3.10
    [InlineData(127, true, false)]
    [InlineData(128, true, true)] // as long as 4.1 needs
    [InlineData(192, true, true)]
    [InlineData(215, true, true)]
    [InlineData(216, true, true)]
    [InlineData(248, true, true)] // 6.18
    [InlineData(300, true, true)]
    public void Traffic_is_told_as_far_as_the_kernel_does(int length, bool hasInfo, bool hasTraffic)
    {
        byte[] info = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        var socket = Recorded.Sockets(Recorded.Socket(TcpState.Established, Recorded.Attribute(InetDiagReply.AttributeInfo, info)), Recorded.Sequence, Recorded.PortId, out _).Single();
        (socket.HasInfo, socket.HasTraffic).ShouldBe((hasInfo, hasTraffic));
        (socket.SinceDataSent, socket.SinceDataReceived, socket.SinceAckReceived, socket.RoundTripMicroseconds)
            .ShouldBe(hasInfo ? (0x2f2e2d2cu, 0x37363534u, 0x3b3a3938u, 0x47464544u) : default);
        var estimate = 0x67666564ul * 0x13121110;
        (socket.BytesSent, socket.BytesRetransmitted).ShouldBe(
            !hasTraffic ? default : length >= 216 ? (0xcfcecdcccbcac9c8, 0xd7d6d5d4d3d2d1d0) : (unchecked(0x7f7e7d7c7b7a7978 + estimate), estimate));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(128)]
    [InlineData(232)]
    public void Info_is_parsed_as_a_naive_reader_does_whatever_byte_changes(int length)
    {
        byte[] info = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        byte[] bytes = [.. Recorded.Socket(TcpState.Established, Recorded.Attribute(InetDiagReply.AttributeInfo, info)), .. Recorded.Done()];
        for (var i = 0; i < bytes.Length; i++)
        {
            var original = bytes[i];
            foreach (var value in (byte[])[0, 1, 2, 3, 4, 0x48, 0x7f, 0x80, 0x84, 0xdc, 0xff])
            {
                bytes[i] = value;
                var sockets = Recorded.Sockets(bytes, out var result);
                sockets.SequenceEqual(NaiveReader.Read(bytes, out var complete)).ShouldBeTrue($"byte {i} = {value}: {result}");
                (result.Status == ReplyStatus.Done).ShouldBe(complete, $"byte {i} = {value}: {result}");
            }

            bytes[i] = original;
        }

        for (var end = 0; end < bytes.Length; end++)
        {
            Recorded.Sockets(bytes.AsSpan(0, end).ToArray(), Recorded.Sequence, Recorded.PortId, out var result).Count.ShouldBeLessThanOrEqualTo(1);
            result.Status.ShouldNotBe(ReplyStatus.Done, $"{end} bytes");
        }
    }

    [Fact]
    public void Syn_recv_is_a_request_socket_unless_it_has_attributes_of_full_sockets()
    {
        byte[] datagram = [.. Recorded.Socket(TcpState.SynRecv), .. Recorded.Socket(TcpState.SynRecv, Recorded.Attribute(InetDiagReply.AttributeShutdown, [0]))];
        Recorded.Sockets(datagram, Recorded.Sequence, Recorded.PortId, out _).Select(s => s.State).ShouldBe([TcpState.NewSynRecv, TcpState.SynRecv]);
    }

    [Fact]
    public void An_unknown_state_or_family_is_kept()
    {
        var row = Recorded.Socket((TcpState)14);
        row[NlMsgHdr.Size] = 99;
        var socket = Recorded.Sockets(row, Recorded.Sequence, Recorded.PortId, out var result).Single();
        result.Status.ShouldBe(ReplyStatus.More);
        socket.State.ShouldBe((TcpState)14);
        socket.LocalAddress.Family.ShouldBe(IpFamily.None);
    }

    [Theory]
    [MemberData(nameof(ShortRecordings))]
    public void Every_prefix_is_parsed_or_rejected_and_never_read_past_its_end(string name)
    {
        var bytes = Recorded.Read(name);
        var whole = Recorded.Sockets(bytes, out _);
        for (var length = NlMsgHdr.Size; length < bytes.Length; length++)
        {
            // a copy, so a read past the end throws
            var prefix = Recorded.Sockets(bytes.AsSpan(0, length).ToArray(), out var result);
            prefix.Count.ShouldBeLessThanOrEqualTo(whole.Count);
            prefix.ShouldBe(whole.Take(prefix.Count));
            if (result.Status != ReplyStatus.Done)
            {
                (result.Status == ReplyStatus.More || result.Fault is ReplyFault.HeaderCut or ReplyFault.MessageCut).ShouldBeTrue($"{length}: {result}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(ShortRecordings))]
    public void Every_changed_byte_gives_the_same_result_as_a_naive_reader(string name)
    {
        var bytes = Recorded.Read(name);
        ReadOnlySpan<byte> values = [0, 1, 3, 4, 5, 0x10, 0x7f, 0x80, 0xff];
        for (var i = 0; i < bytes.Length; i++)
        {
            var original = bytes[i];
            foreach (var value in values)
            {
                bytes[i] = value;
                var sockets = Recorded.Sockets(bytes, out var result);
                var naive = NaiveReader.Read(bytes, out var complete);
                sockets.SequenceEqual(naive).ShouldBeTrue($"byte {i} = {value}: {result}");
                (result.Status == ReplyStatus.Done).ShouldBe(complete, $"byte {i} = {value}: {result}");
            }

            bytes[i] = original;
        }
    }

    [Fact]
    public void Many_changed_bytes_give_the_same_result_as_a_naive_reader()
    {
        var original = Recorded.Read("every-state");
        var change = Gen.Zip(Gen.Choose(NlMsgHdr.Size, original.Length - 1), Gen.Elements<byte>(0, 1, 2, 3, 4, 8, 16, 20, 72, 0x7f, 0xff));
        Prop.ForAll(
            change.ListOf().ToArbitrary(),
            changes =>
            {
                var bytes = original.ToArray();
                foreach (var (position, value) in changes)
                {
                    bytes[position] = value;
                }

                var sockets = Recorded.Sockets(bytes, out var result);
                sockets.SequenceEqual(NaiveReader.Read(bytes, out var complete)).ShouldBeTrue();
                (result.Status == ReplyStatus.Done).ShouldBe(complete);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static ReplyResult Parse(params byte[][] messages)
    {
        Recorded.Sockets(messages.SelectMany(m => m).ToArray(), Recorded.Sequence, Recorded.PortId, out var result);
        return result;
    }

    private struct StopAfter(int left) : ITcpSocketVisitor
    {
        public int Left { get; private set; } = left;

        public bool Visit(in TcpSocket socket) => --Left > 0;
    }
}
