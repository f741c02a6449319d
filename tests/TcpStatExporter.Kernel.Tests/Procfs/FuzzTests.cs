using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;
using TcpStatExporter.Kernel.Text;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Procfs;

/// <summary>
/// Every text is parsed or returns an error. Nothing throws, and nothing is read past the end, where memory ends too. What is
/// accepted matches a naive parser.
/// </summary>
public sealed class FuzzTests
{
    private static readonly byte[] TellingBytes = [0, (byte)'\t', (byte)'\n', (byte)' ', (byte)'-', (byte)'0', (byte)'9', (byte)':', (byte)'@', (byte)'F', (byte)'G', (byte)'a', 0x80, 0xff];

    public static TheoryData<string> Files =>
    [
        "tcp", "tcp6", "snmp", "netstat", "sockstat", "sockstat6", "nf_conntrack", "udp", "udp6", "snmp6", "tcp_mem", "ip_local_port_range", "ip_local_reserved_ports",
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_prefix(string file)
    {
        var text = Bytes(file);
        using var memory = new GuardedMemory(text.Length);
        for (var length = 0; length < text.Length; length++)
        {
            var error = Check(file, memory.Place(text.AsSpan(0, length)));
            (error.Kind == SourceError.Empty).ShouldBe(length == 0);
        }
    }

    /// <summary>Sets each byte to all 256 values: of the whole file if it is short, of an excerpt if it is long.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void Every_byte_to_every_value(string file)
    {
        var text = Excerpt(file);
        using var memory = new GuardedMemory(text.Length);
        var place = memory.Place(text);
        for (var i = 0; i < text.Length; i++)
        {
            for (var value = 0; value < 256; value++)
            {
                place[i] = (byte)value;
                Check(file, place);
            }

            place[i] = text[i];
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_byte_of_the_whole_file_to_critical_values(string file)
    {
        var text = Bytes(file);
        using var memory = new GuardedMemory(text.Length);
        var place = memory.Place(text);
        for (var i = 0; i < text.Length; i += text.Length > 1000 ? 29 : 1)
        {
            foreach (var value in TellingBytes)
            {
                place[i] = value;
                Check(file, place);
            }

            place[i] = text[i];
        }
    }

    /// <summary>
    /// Changes every byte: digits become spaces, line ends become control characters, letters become other letters.
    /// </summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void Every_byte_of_the_whole_file_to_another(string file)
    {
        var text = Bytes(file);
        using var memory = new GuardedMemory(text.Length);
        var place = memory.Place(text);
        for (var i = 0; i < text.Length; i++)
        {
            place[i] ^= 0x10;
            KernelText.Parse(file, place, out _).Offset.ShouldBeInRange(0, text.Length);
            place[i] ^= 0x10;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Any_few_changes(string file)
    {
        var text = Excerpt(file);
        var change = Gen.Zip(Gen.Choose(0, text.Length - 1), Gen.Choose(0, 255));
        Prop.ForAll(change.NonEmptyListOf().ToArbitrary(), changes =>
        {
            using var memory = new GuardedMemory(text.Length);
            var place = memory.Place(text);
            foreach (var (i, value) in changes)
            {
                place[i] = (byte)value;
            }

            Check(file, place);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Any_bytes(string file) => Prop.ForAll<byte[]>(bytes =>
    {
        using var memory = new GuardedMemory(bytes.Length + 1);
        Check(file, memory.Place(bytes));
    }).QuickCheckThrowOnFailure();

    /// <summary>However a table is cut into chunks, the rows are the same.</summary>
    [Theory]
    [InlineData("tcp")]
    [InlineData("tcp6")]
    public void Any_cut_into_chunks(string file)
    {
        var text = Bytes(file);
        var whole = NaiveParser.Tcp(text);
        Prop.ForAll(Gen.Choose(1, 4096).NonEmptyListOf().ToArbitrary(), lengths => ParseInChunks(file, text, lengths).ShouldBe(whole))
            .QuickCheckThrowOnFailure();
        foreach (var length in new[] { 1, 2, 149, 150, 151, 4094 })
        {
            ParseInChunks(file, text, [length]).ShouldBe(whole);
        }
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("tcp6")]
    public void Every_cut_in_two(string file)
    {
        var text = Excerpt(file);
        var whole = NaiveParser.Tcp(text);
        for (var first = 1; first < text.Length; first++)
        {
            ParseInChunks(file, text, [first, text.Length]).ShouldBe(whole);
        }
    }

    /// <summary>After the fixed columns, numbers may have any width, and the line may end after the inode.</summary>
    [Theory]
    [InlineData("tcp")]
    [InlineData("tcp6")]
    public void Any_width_of_the_last_columns(string file)
    {
        var lines = Encoding.ASCII.GetString(Excerpt(file)).Split('\n');
        var columns = lines[2].IndexOf(" 00000000 ", StringComparison.Ordinal) + 10;
        var number = from value in Gen.Choose(0, int.MaxValue).Two()
                     from bits in Gen.Choose(0, 63)
                     from blanks in Gen.Choose(0, 12)
                     select new string(' ', blanks) + ((((ulong)value.Item1 << 33) | ((ulong)value.Item2 << 2)) >> bits).ToString(CultureInfo.InvariantCulture);
        Prop.ForAll(number.ListOf(3).ToArbitrary(), Gen.Elements("", " ", " 1 0000000000000000 20 4 30 10 -1 ").ToArbitrary(), (numbers, after) =>
        {
            var text = Encoding.ASCII.GetBytes($"{lines[0]}\n{lines[2][..columns]}{string.Join(' ', numbers)}{after}\n");
            using var memory = new GuardedMemory(text.Length);
            Check(file, memory.Place(text)).IsNone.ShouldBeTrue();
        }).QuickCheckThrowOnFailure();
    }

    private static ParseError Check(string file, ReadOnlySpan<byte> text)
    {
        var error = KernelText.Parse(file, text, out var read);
        if (error.IsNone)
        {
            read.ShouldBe(KernelText.ParseNaively(file, text));
        }
        else
        {
            error.Offset.ShouldBeInRange(0, text.Length);
        }

        return error;
    }

    private static List<string> ParseInChunks(string file, byte[] text, List<int> lengths)
    {
        var sockets = new List<TcpSocket>();
        var visitor = new SocketList(sockets);
        var parser = new NetTcp(KernelText.Family(file));
        var start = 0;
        var end = 0;
        for (var chunk = 0; end < text.Length; chunk++)
        {
            end = Math.Min(end + lengths[chunk % lengths.Count], text.Length);
            parser.Parse(text.AsSpan(start..end), last: end == text.Length, ref visitor, out var consumed).IsNone.ShouldBeTrue();
            start += consumed;
        }

        start.ShouldBe(text.Length);
        return SocketList.Describe(sockets);
    }

    /// <summary>
    /// For a table: the header, a socket in FIN_WAIT1 and one in TIME_WAIT. For counters: the group with its first eight.
    /// </summary>
    private static byte[] Excerpt(string file)
    {
        var text = Bytes(file);
        var lines = Encoding.ASCII.GetString(text).Split('\n');
        IEnumerable<string> excerpt;
        switch (file)
        {
            case "tcp" or "tcp6":
                excerpt = [lines[0], lines.First(line => line.Contains(" 04 ", StringComparison.Ordinal)), lines.First(line => line.Contains(" 06 ", StringComparison.Ordinal))];
                break;
            case "snmp" or "netstat":
                excerpt = lines.Where(line => line.StartsWith("Tcp", StringComparison.Ordinal)).Take(2).Select(line => string.Join(' ', line.Split(' ').Take(9)));
                break;
            default:
                return text;
        }

        return Encoding.ASCII.GetBytes(string.Concat(excerpt.Select(line => line + "\n")));
    }

    private static byte[] Bytes(string file) => Fixture.Bytes(file switch
    {
        "udp" or "udp6" or "snmp6" => $"{Fixture.Udp}/proc/net/{file}",
        "nf_conntrack" => $"{Fixture.FullConntrack}/proc/net/stat/{file}",
        _ => $"{Fixture.TenStates}/proc/{(file.Contains('_', StringComparison.Ordinal) ? "sys/net/ipv4" : "net")}/{file}",
    });
}
