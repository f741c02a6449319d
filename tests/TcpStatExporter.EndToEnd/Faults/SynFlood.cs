using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// SYNs from addresses that do not exist (198.18.0.0/15, RFC 2544) over a veth pair, like an attack: the listener's answers
/// go nowhere. With tcp_syncookies=1 or 0 it behaves like <see cref="SynQueueFull"/>, once for each SYN, because nobody
/// retries. With cookies off and a large backlog, tcp_max_syn_backlog limits the queue: drops begin when less than a quarter
/// of it is left, and count only in ListenDrops and in the listener's own drops. The kernel drops half of the requests after
/// about 7 s.
/// </summary>
internal sealed class SynFlood : Fault
{
    private const string NoHosts = "198.18.0.0/15";

    private readonly NetNamespace _attacker;
    private KernelSocket? _raw;
    private uint _sent;

    /// <summary>Creates a listener in one namespace and floods it from the other.</summary>
    /// <param name="server">The namespace of the listener. The caller sets its sysctls.</param>
    /// <param name="attacker">The source of the SYNs. Not joined with <paramref name="server"/> yet.</param>
    /// <param name="backlog">Backlog of the listener.</param>
    /// <param name="syns">Number of SYNs.</param>
    public SynFlood(NetNamespace server, NetNamespace attacker, int backlog, int syns)
    {
        Backlog = backlog;
        _attacker = attacker;
        var (here, there) = NetNamespace.Join(server, attacker);

        // answers must not be refused on the way and not be routed back
        server.Exec("ip", "route", "add", NoHosts, "via", $"{there}").Checked();
        attacker.Exec("ip", "route", "add", "blackhole", NoHosts).Checked();
        Build(server, () =>
        {
            var listener = Keep(KernelSocket.Listener(here, backlog));
            Listener = listener.LocalEndPoint;
        });
        Build(attacker, () => _raw = Keep(KernelSocket.Raw()));
        SendSyns(syns);
    }

    /// <summary>The address that it listens on.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>Backlog of the listener.</summary>
    public int Backlog { get; }

    /// <summary>Sends SYNs, each from a different address.</summary>
    /// <param name="count">Number of SYNs.</param>
    public void SendSyns(int count) => Send(TcpSegment.Syn, count);

    /// <summary>
    /// Sends ACKs that belong to no handshake. While SYN cookies are in use, the kernel takes each one for a cookie, fails to
    /// decode it, and counts it in SyncookiesFailed.
    /// </summary>
    /// <param name="count">Number of ACKs.</param>
    public void SendBadCookies(int count) => Send(TcpSegment.Ack, count);

    private void Send(byte flags, int count) => Build(_attacker, () =>
    {
        for (var i = 0; i < count; i++, _sent++)
        {
            var source = new IPEndPoint(new IPAddress([198, 18, (byte)(_sent >> 8), (byte)_sent]), 1024 + ((int)_sent & 0x7fff));
            _raw!.SendTo(TcpSegment.Make(source, Listener, flags, sequence: 1000 + _sent, acknowledgement: 1), Listener);
        }
    });
}
