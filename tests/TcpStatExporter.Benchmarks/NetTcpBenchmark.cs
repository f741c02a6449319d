using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Benchmarks;

/// <summary>Parsing all used columns of /proc/net/tcp, compared with string.Split on the same bytes. Times are per row.</summary>
[MemoryDiagnoser]
public class NetTcpBenchmark
{
    private const int Rows = 1000;

    private byte[] _text = [];

    /// <summary>Address family of the rows.</summary>
    [Params(IpFamily.IPv4, IpFamily.IPv6)]
    public IpFamily Family { get; set; }

    /// <summary>Prints rows in the kernel's format.</summary>
    [GlobalSetup]
    public void Print()
    {
        var text = new StringBuilder("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode");
        text.Append(' ', 149 - text.Length).Append('\n');
        var random = new Random(1);
        for (var i = 0; i < Rows; i++)
        {
            var row = new StringBuilder();
            row.Append(CultureInfo.InvariantCulture, $"{i,4}: {Address(random)}:1F90 {Address(random)}:{random.Next(65536):X4} 01 ");
            row.Append(CultureInfo.InvariantCulture, $"{random.Next(100_000):X8}:{random.Next(100_000):X8} 02:{random.Next(100_000):X8} 00000000 {1000,5} {0,8} ");
            row.Append(CultureInfo.InvariantCulture, $"{random.Next(10_000, 9_000_000)} 1 0000000000000000 20 4 30 10 -1");
            text.Append(row.ToString().PadRight(Family == IpFamily.IPv4 ? 149 : 0)).Append('\n');
        }

        _text = Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>The parser.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public ulong Parser()
    {
        var sum = default(Sum);
        new NetTcp(Family).Parse(_text, last: true, ref sum, out _);
        return sum.Total;
    }

    /// <summary>The obvious solution: the same columns with string.Split.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Rows)]
    public ulong Split()
    {
        ulong total = 0;
        foreach (var line in Encoding.ASCII.GetString(_text).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var local = columns[1].Split(':');
            var remote = columns[2].Split(':');
            var queues = columns[4].Split(':');
            total += Words(local[0]) + Words(remote[0])
                + ushort.Parse(local[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                + ushort.Parse(remote[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                + byte.Parse(columns[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                + uint.Parse(queues[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                + uint.Parse(queues[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                + ulong.Parse(columns[9], CultureInfo.InvariantCulture);
        }

        return total;
    }

    private static ulong Words(string address)
    {
        ulong total = 0;
        for (var i = 0; i < address.Length; i += 8)
        {
            total += uint.Parse(address.AsSpan(i, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        return total;
    }

    private string Address(Random random) =>
        string.Concat(Enumerable.Range(0, Family == IpFamily.IPv4 ? 1 : 4).Select(_ => random.Next().ToString("X8", CultureInfo.InvariantCulture)));

    private struct Sum : ITcpSocketVisitor
    {
        public ulong Total;

        public bool Visit(in TcpSocket socket)
        {
            Total += socket.LocalAddress.Low + socket.RemoteAddress.Low + socket.LocalPort + socket.RemotePort
                + (byte)socket.State + socket.SendQueue + socket.ReceiveQueue + socket.Inode;
            return true;
        }
    }
}
