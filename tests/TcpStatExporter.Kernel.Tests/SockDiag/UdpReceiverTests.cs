using System.Globalization;
using System.Runtime.InteropServices;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.SockDiag;

/// <summary>UDP sockets as this kernel reported them, compared with the output of ss.</summary>
public sealed class UdpReceiverTests
{
    [Theory]
    [InlineData("ipv4", 2)]
    [InlineData("ipv6", 2)]
    public void Recorded_receivers_match_ss(string family, int count)
    {
        var sockets = Recorded.Sockets(Recorded.Read($"udp/{family}"), out var result);
        result.Status.ShouldBe(ReplyStatus.Done);
        sockets.Count.ShouldBe(count, "not the connected one");
        sockets.Select(socket => $"{socket.LocalPort} {socket.ReceiveQueue} {socket.ReceiveLimit} {socket.Drops}").ShouldBe(OfSs(family), ignoreOrder: true);
        sockets.ShouldAllBe(socket => socket.HasDrops && socket.Cookie != 0 && socket.State == TcpState.Close);
    }

    /// <summary>struct inet_diag_req_v2: 56 bytes after the header. What follows is not a message.</summary>
    [Theory]
    [InlineData(IpFamily.IPv4, 2)]
    [InlineData(IpFamily.IPv6, 10)]
    public void Request_has_the_format_that_udp_diag_accepts(IpFamily family, byte number)
    {
        Marshal.SizeOf<InetDiagReqV2>().ShouldBe(InetDiagReqV2.Size);
        var bytes = new byte[InetDiagRequest.Size];
        Array.Fill(bytes, (byte)0xff);
        InetDiagRequest.UdpReceivers(family).Write(bytes, 5);
        BitConverter.ToUInt32(bytes).ShouldBe(72u);
        BitConverter.ToUInt16(bytes, 4).ShouldBe((ushort)20);
        bytes[16..20].ShouldBe(new byte[] { number, 17, 1 << 6, 0 });
        BitConverter.ToUInt32(bytes, 20).ShouldBe(1u << 7);
        bytes[24..].ShouldAllBe(value => value == 0);
    }

    /// <summary>Port, Recv-Q, and rb and d in skmem.</summary>
    private static IEnumerable<string> OfSs(string family)
    {
        var words = File.ReadAllText(Fixture.Path($"sockdiag/udp/{family}.ss.txt")).Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] == "UNCONN")
            {
                var memory = words[i..].First(word => word.StartsWith("skmem:(", StringComparison.Ordinal))[7..^1].Split(',');
                yield return $"{words[i + 3].Split(':')[^1]} {words[i + 1]} {Number(memory[1])} {Number(memory[^1])}";
            }
        }

        static uint Number(string word) => uint.Parse(word.TrimStart('r', 'b', 'd'), CultureInfo.InvariantCulture);
    }
}
