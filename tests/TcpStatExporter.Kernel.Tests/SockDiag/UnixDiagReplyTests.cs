using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.SockDiag;

/// <summary>AF_UNIX listeners as a kernel told them, against what ss printed, and replies that no kernel sends.</summary>
public sealed class UnixDiagReplyTests
{
    private static readonly byte[] Recording = Recorded.Read("unix/listeners");

    [Fact]
    public void Recorded_listeners_are_those_of_ss()
    {
        var rows = Recorded.UnixSockets(Recording, out var result);
        result.ShouldBe(new ReplyResult(ReplyStatus.Done, Interrupted: false));
        rows.ShouldAllBe(row => row.State == TcpState.Listen && row.Inode != 0 && row.Uid == 0);
        string[] lines = [.. File.ReadAllLines(Fixture.Path("sockdiag/unix/listeners.ss.txt")).Where(line => line.StartsWith("u_s", StringComparison.Ordinal))];
        rows.Select(row => $"{row.Queue!.Value.Length} {row.Queue.Value.Limit}").ShouldBe(lines.Select(line => string.Join(' ', line.Split(' ')[1..3])), ignoreOrder: true);

        // ss prints the inode behind the name, which may have blanks in it
        rows.ShouldAllBe(row => lines.Any(line => line.Contains($" {row.Inode} ", StringComparison.Ordinal)) || row.Name.Contains('\n'));
    }

    [Fact]
    public void A_queue_holds_one_more_than_its_limit()
    {
        var rows = Recorded.UnixSockets(Recording, out _);
        rows.Single(row => row.Name == "run/php/php-fpm.sock\0").Queue.ShouldBe((9u, 8u));
        rows.Single(row => row.Name == "run/seqpacket.sock\0").Queue.ShouldBe((1u, 0u));
        rows.Single(row => row.Name == "\0tcpstat/abstract").Queue.ShouldBe((3u, 128u));
        rows.Where(row => row.Name == "run/twice.sock\0").Select(row => row.Queue!.Value.Length).ShouldBe([2u, 3u], ignoreOrder: true);
        rows.ShouldContain(row => row.Name == "run/quote\" back\\slash\nline\u00ff.sock\0");
        rows.ShouldContain(row => row.Name == "\0nul\0inside\0\0");
        rows.ShouldContain(row => row.Name.Length == 108);
    }

    /// <summary>Linux before 5.3 tells no user; a socket that is not bound has no name.</summary>
    [Fact]
    public void What_is_not_told_is_not_there()
    {
        var row = Recorded.UnixSockets(Recorded.Message(NetlinkReply.TypeByFamily, [1, 1, 10, 0, 5, 0, 0, 0, .. new byte[8], .. Recorded.Attribute(6, [0])]), out var result).Single();
        result.Status.ShouldBe(ReplyStatus.More);
        row.ShouldBe(new Recorded.UnixRow("", null, 5, null, TcpState.Listen));
        Recorded.UnixSockets(Recorded.Message(NetlinkReply.TypeByFamily, [.. new byte[16], .. Recorded.Attribute(4, new byte[4])]), out _).Single().Queue.ShouldBeNull();
    }

    [Fact]
    public void Errors_and_a_missing_module_carry_the_kernels_number()
    {
        Recorded.UnixSockets(Recorded.Error(-2), out var result).ShouldBeEmpty();
        result.ShouldBe(new ReplyResult(ReplyStatus.Error, false, Errno: 2));
    }

    [Fact]
    public void A_visitor_can_stop()
    {
        Recorded.UnixSockets(Recording, out var result, visited: 2).Count.ShouldBe(2);
        result.Status.ShouldBe(ReplyStatus.Stopped);
    }

    [Theory]
    [InlineData(16, ReplyFault.BodyCut)]
    [InlineData(31, ReplyFault.BodyCut)]
    [InlineData(15, ReplyFault.MessageTooShort)]
    [InlineData(200, ReplyFault.MessageCut)]
    [InlineData(37, ReplyFault.AttributeCut)]
    public void A_message_of_a_wrong_length_is_malformed(uint length, ReplyFault fault)
    {
        var message = Recorded.UnixListener("/run/a.sock\0"u8, 1, 2);
        BitConverter.TryWriteBytes(message, length);
        Recorded.UnixSockets(message, out var result).ShouldBeEmpty();
        result.Fault.ShouldBe(fault);
    }

    [Fact]
    public void Every_prefix_is_parsed_or_refused_and_never_read_past()
    {
        var whole = Recorded.UnixSockets(Recording, out _);
        for (var length = 0; length < Recording.Length; length++)
        {
            // a copy of its own: a read past the end throws
            var prefix = Recorded.UnixSockets(Recording.AsSpan(0, length).ToArray(), out var result);
            prefix.ShouldBe(whole.Take(prefix.Count));
            (result.Status == ReplyStatus.More || result.Fault is ReplyFault.HeaderCut or ReplyFault.MessageCut).ShouldBeTrue($"{length}: {result}");
        }
    }

    [Fact]
    public void Every_change_of_a_byte_is_parsed_as_a_naive_reader_does()
    {
        var bytes = Recording.ToArray();
        ReadOnlySpan<byte> values = [0, 1, 3, 4, 7, 0x10, 0x7f, 0x80, 0xff];
        for (var i = 0; i < bytes.Length; i++)
        {
            var original = bytes[i];
            foreach (var value in values)
            {
                bytes[i] = value;
                var rows = Recorded.UnixSockets(bytes, out var result);
                rows.SequenceEqual(Naive(bytes, out var complete)).ShouldBeTrue($"byte {i} = {value}: {result}");
                (result.Status == ReplyStatus.Done).ShouldBe(complete, $"byte {i} = {value}: {result}");
            }

            bytes[i] = original;
        }
    }

    [Fact]
    public void Many_changes_at_once_are_parsed_as_a_naive_reader_does()
    {
        var change = Gen.Zip(Gen.Choose(0, Recording.Length - 1), Gen.Elements<byte>(0, 1, 2, 3, 4, 7, 8, 16, 20, 0x7f, 0xff));
        Prop.ForAll(
            change.ListOf().ToArbitrary(),
            changes =>
            {
                var bytes = Recording.ToArray();
                foreach (var (position, value) in changes)
                {
                    bytes[position] = value;
                }

                Recorded.UnixSockets(bytes, out var result).SequenceEqual(Naive(bytes, out var complete)).ShouldBeTrue();
                (result.Status == ReplyStatus.Done).ShouldBe(complete);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    /// <summary>Offsets and checks spelt out, nothing shared with the parser.</summary>
    private static List<Recorded.UnixRow> Naive(byte[] bytes, out bool complete)
    {
        complete = false;
        var rows = new List<Recorded.UnixRow>();
        for (long at = 0; at + 16 <= bytes.Length;)
        {
            long length = U32(at);
            if (length < 16 || at + length > bytes.Length)
            {
                break;
            }

            if (U32(at + 8) == Recorded.Sequence && U32(at + 12) == Recorded.PortId)
            {
                var type = U16(at + 4);
                if (type is 18 or 20)
                {
                    if (Row(at + 16, at + length) is not { } row)
                    {
                        break;
                    }

                    rows.Add(row);
                }
                else if (type == 4 || (type is 2 or 3 && (length < 20 || U32(at + 16) != 0)))
                {
                    break;
                }
                else if (type == 3)
                {
                    complete = true;
                    break;
                }
            }

            at += (length + 3) / 4 * 4;
        }

        return rows;

        Recorded.UnixRow? Row(long from, long end)
        {
            if (end - from < 16)
            {
                return null;
            }

            var (name, queue, uid) = ("", default((uint, uint)?), default(uint?));
            for (var at = from + 16; at + 4 <= end;)
            {
                int length = U16(at);
                if (length < 4 || at + length > end)
                {
                    return null;
                }

                switch (U16(at + 2) % 0x4000)
                {
                    case 0:
                        name = Recorded.UnixRow.Text(bytes.AsSpan((int)at + 4, length - 4));
                        break;
                    case 4 when length >= 12:
                        queue = (U32(at + 4), U32(at + 8));
                        break;
                    case 7 when length >= 8:
                        uid = U32(at + 4);
                        break;
                }

                at += (length + 3) / 4 * 4;
            }

            return new Recorded.UnixRow(name, queue, U32(from + 4), uid, (TcpState)bytes[from + 2]);
        }

        uint U32(long at) => BitConverter.ToUInt32(bytes, (int)at);

        ushort U16(long at) => BitConverter.ToUInt16(bytes, (int)at);
    }
}
