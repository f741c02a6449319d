using System.Net;
using System.Runtime.InteropServices;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Namespaces;

/// <summary>How long clients of a pod wait to be accepted, from kernels that follow a script.</summary>
public sealed class NetnsWaitsTests
{
    private readonly ListenerTable _listeners = new(TimeSpan.FromMinutes(1), max: 8, (_, _) => true, _ => "", _ => "", isSmall: true);

    [Fact]
    public void If_a_pod_started_anew_since_the_last_look_its_connections_are_sought_in_the_new_namespace()
    {
        var (before, after) = (new ScriptedTransport(), new ScriptedTransport());
        using var gone = new NetnsSockets(new NetlinkSocket(before, before));
        using var sockets = new NetnsSockets(new NetlinkSocket(after, after));
        var waits = new NetnsWaits(_listeners);
        _listeners.Observe([new ListenerSocket { Address = IpAddress.FromIPv4(0), Port = 80, Cookie = 1, HasDrops = true, QueueLength = 1, QueueLimit = 8, HasLimit = true }], Second(1), 0);
        waits.Sampled(Second(1));
        before.Datagram(Listener(80, cookie: 1), Recorded.Message(NlMsgHdr.TypeDone, BitConverter.GetBytes(0), sequence: 1));
        waits.Look([gone], Second(1), isCounted: true).ShouldBeTrue("its queue is in use");
        gone.Dispose();
        var asked = before.Requests.Count;

        waits.BeginScan([sockets]);
        waits.Add(new TcpSocket { State = TcpState.Established, LocalAddress = IpAddress.FromIPv4(0), LocalPort = 80, Cookie = 2 });
        waits.EndScan(() => Second(2));
        (before.Requests.Count - asked, after.Requests.Count).ShouldBe((0, 1));
    }

    private static TimeSpan Second(int number) => TimeSpan.FromSeconds(number);

    private static byte[] Listener(int port, uint cookie)
    {
        var row = new InetDiagMsg { Family = (byte)IpFamily.IPv4, State = (byte)TcpState.Listen, ReceiveQueue = 1, SendQueue = 8 };
        row.Id.SourcePort = (ushort)IPAddress.HostToNetworkOrder((short)port);
        row.Id.CookieLow = cookie;
        var body = new byte[InetDiagMsg.Size];
        MemoryMarshal.Write(body, in row);
        return Recorded.Message(InetDiagRequest.Type, body, sequence: 1);
    }
}
