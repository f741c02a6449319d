using System.Numerics;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Tests.Procfs;

/// <summary>
/// Calls every parser by the name of its file and returns the result as text, for tests that treat all parsers alike.
/// </summary>
internal static class KernelText
{
    /// <summary>Parses a file with this name and returns the result as text.</summary>
    /// <param name="file">Name of the file: tcp, snmp, tcp_mem.</param>
    /// <param name="text">Its content.</param>
    /// <param name="read">The result. Null if an error is returned.</param>
    public static ParseError Parse(string file, ReadOnlySpan<byte> text, out string? read)
    {
        ParseError error;
        Func<string> describe;
        switch (file)
        {
            case "tcp" or "tcp6" or "udp" or "udp6":
                var isUdp = file.StartsWith("udp", StringComparison.Ordinal);
                var sockets = new List<TcpSocket>();
                var visitor = new SocketList(sockets);
                var parser = new NetTcp(Family(file), isUdp);
                error = parser.Parse(text, last: true, ref visitor, out _);
                describe = () => string.Join('\n', SocketList.Describe(sockets).Select((line, i) => isUdp ? $"{line} drops={sockets[i].Drops}" : line));
                break;
            case "snmp" or "netstat" or "snmp6":
                var table = new CounterTable();
                error = file switch
                {
                    "snmp" => Snmp.Parse(text, table),
                    "snmp6" => Snmp6.Parse(text, table),
                    _ => Netstat.Parse(text, table),
                };
                describe = () => Describe(table);
                break;
            case "sockstat":
                var counts = default(SockstatCounts);
                error = Sockstat.Parse(text, ref counts, out var host);
                describe = () => $"{counts.TcpInUse} {host.Orphans} {counts.TcpTimeWait} {host.Allocated} {host.MemoryPages}";
                break;
            case "sockstat6":
                var counts6 = default(SockstatCounts);
                error = Sockstat6.Parse(text, ref counts6);
                describe = () => $"{counts6.Tcp6InUse}";
                break;
            case "nf_conntrack":
                var statistics = default(ConntrackStatistics);
                error = NfConntrackStat.Parse(text, ref statistics);
                describe = () => $"{statistics.Dropped} {statistics.EarlyDropped} {statistics.InsertFailed}";
                break;
            case "ip_local_reserved_ports":
                var ports = new PortSet();
                error = SysctlPorts.Parse(text, ports);
                describe = () => string.Join(' ', Enumerable.Range(0, 65536).Where(port => ports.Contains((ushort)port)));
                break;
            default:
                var value = default(SysctlValue);
                error = SysctlNumbers.Parse(text, ref value);
                describe = () => string.Join(' ', Enumerable.Range(0, value.Count).Select(i => value[i]));
                break;
        }

        read = error.IsNone ? describe() : null;
        return error;
    }

    /// <summary>Does the same with <see cref="NaiveParser"/>.</summary>
    /// <param name="file">Name of the file.</param>
    /// <param name="text">Content that <see cref="Parse"/> accepted.</param>
    public static string ParseNaively(string file, ReadOnlySpan<byte> text)
    {
        switch (file)
        {
            case "tcp" or "tcp6":
                return string.Join('\n', NaiveParser.Tcp(text));
            case "udp" or "udp6":
                return string.Join('\n', NaiveParser.Tcp(text).Zip(NaiveParser.LastColumn(text), (line, drops) => $"{line} drops={drops}"));
            case "snmp6":
                return string.Join('\n', NaiveParser.Pairs(text, "Udp6").Select(counter => $"{counter.Key} {counter.Value}"));
            case "snmp" or "netstat":
                var counters = NaiveParser.Counters(text, file is "snmp" ? "Tcp:" : "TcpExt:");
                return string.Join('\n', counters.Select(counter => $"{counter.Key} {counter.Value & ulong.MaxValue}"));
            case "sockstat":
                string[] keys = ["inuse", "orphan", "tw", "alloc", "mem"];
                var numbers = new BigInteger[keys.Length];
                for (var i = 0; i < keys.Length; i++)
                {
                    numbers[i] = NaiveParser.Sockstat(text, "TCP:", keys[i]);
                }

                return string.Join(' ', numbers);
            case "sockstat6":
                return NaiveParser.Sockstat(text, "TCP6:", "inuse").ToString();
            case "nf_conntrack":
                return string.Join(' ', NaiveParser.HexColumns(text, "drop", "early_drop", "insert_failed"));
            case "ip_local_reserved_ports":
                return string.Join(' ', NaiveParser.Ports(text));
            default:
                return string.Join(' ', NaiveParser.Numbers(text).Take(3));
        }
    }

    public static IpFamily Family(string file) => file is "tcp6" or "udp6" ? IpFamily.IPv6 : IpFamily.IPv4;

    private static string Describe(CounterTable table)
    {
        var lines = new string[table.Names.Length];
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = $"{table.Names[i]} {table.Values[i]}";
        }

        return string.Join('\n', lines);
    }
}
