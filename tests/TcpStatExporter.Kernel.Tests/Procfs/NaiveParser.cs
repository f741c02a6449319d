using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;

namespace TcpStatExporter.Kernel.Tests.Procfs;

/// <summary>
/// Parses the same files with strings: slow, obvious, and without sharing a line with the code under test. It returns what an
/// accepted text contains. It does not decide whether a text should have been accepted.
/// </summary>
internal static class NaiveParser
{
    private static readonly char[] Blanks = [' ', '\t'];

    public static List<string> Tcp(ReadOnlySpan<byte> text)
    {
        var rows = new List<string>();
        foreach (var line in Lines(text).Skip(1))
        {
            var column = Words(line);
            var (localAddress, localPort) = Endpoint(column[1]);
            var (remoteAddress, remotePort) = Endpoint(column[2]);
            var queues = column[4].Split(':');
            rows.Add(string.Join(
                ' ',
                $"{localAddress}|{localPort}",
                $"{remoteAddress}|{remotePort}",
                $"state={Hex(column[3])}",
                $"tx={Hex(queues[0])}",
                $"rx={Hex(queues[1])}",
                $"timer={Hex(column[5].Split(':')[0])}",
                $"inode={BigInteger.Parse(column[9])}"));
        }

        return rows;
    }

    public static List<KeyValuePair<string, BigInteger>> Counters(ReadOnlySpan<byte> text, string group)
    {
        var pair = Lines(text).Where(line => line.StartsWith(group, StringComparison.Ordinal)).Take(2).ToArray();
        var names = Words(pair[0][group.Length..]);
        var values = Words(pair[1][group.Length..]);
        return names.Zip(values, (name, value) => KeyValuePair.Create(name, BigInteger.Parse(value))).ToList();
    }

    public static BigInteger Sockstat(ReadOnlySpan<byte> text, string protocol, string key)
    {
        var words = Words(Lines(text).First(line => line.StartsWith(protocol, StringComparison.Ordinal))[protocol.Length..]);
        return BigInteger.Parse(words[(2 * words.Where((_, i) => i % 2 == 0).ToList().IndexOf(key)) + 1]);
    }

    public static List<BigInteger> Numbers(ReadOnlySpan<byte> text) =>
        Words(Lines(text).Single()).Select(word => BigInteger.Parse(word)).ToList();

    /// <summary>Returns the last number of each row below the header.</summary>
    public static List<BigInteger> LastColumn(ReadOnlySpan<byte> text) => Lines(text).Skip(1).Select(line => BigInteger.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1])).ToList();

    /// <summary>Returns lines that consist of a name with this prefix and a number.</summary>
    public static List<KeyValuePair<string, BigInteger>> Pairs(ReadOnlySpan<byte> text, string prefix) =>
        Lines(text).Where(line => line.StartsWith(prefix, StringComparison.Ordinal)).Select(line => Words(line[prefix.Length..]))
            .Select(words => KeyValuePair.Create(words[0], BigInteger.Parse(words[1]))).ToList();

    /// <summary>Returns the sum of each column with this name. If a name occurs twice, uses the last column.</summary>
    public static BigInteger[] HexColumns(ReadOnlySpan<byte> text, params string[] names)
    {
        var lines = Lines(text).Select(Words).ToArray();
        return [.. names.Select(name => lines.Skip(1).Aggregate(BigInteger.Zero, (sum, line) => sum + Hex(line[Array.LastIndexOf(lines[0], name)])))];
    }

    public static SortedSet<int> Ports(ReadOnlySpan<byte> text)
    {
        var ports = new SortedSet<int>();
        foreach (var item in Lines(text).Single().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = item.Split('-').Select(int.Parse).ToArray();
            ports.UnionWith(Enumerable.Range(ends[0], ends[^1] - ends[0] + 1));
        }

        return ports;
    }

    private static string[] Lines(ReadOnlySpan<byte> text)
    {
        var lines = Encoding.Latin1.GetString(text).Split('\n');
        return lines[..^1];
    }

    private static string[] Words(string line) => line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);

    private static uint Hex(string digits) => uint.Parse(digits, NumberStyles.AllowHexSpecifier);

    private static (IPAddress Address, uint Port) Endpoint(string text)
    {
        var parts = text.Split(':');
        var bytes = Convert.FromHexString(parts[0]);
        for (var word = 0; word < bytes.Length; word += 4)
        {
            bytes.AsSpan(word, 4).Reverse();
        }

        return (new IPAddress(bytes), Hex(parts[1]));
    }
}
