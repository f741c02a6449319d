using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// A listener that never sees a handshake completed, since a socket filter lets only SYNs through to it, and more
/// clients than its SYN queue holds. The queue takes backlog + 1 requests, on kernels from before 2025 backlog
/// (inet_csk_reqsk_queue_is_full). Of the rest: tcp_syncookies=1 counts SyncookiesSent and TCPReqQFullDoCookies; 0
/// counts TCPReqQFullDrop, ListenDrops and the listener's own drops, and again at each retry; 2 sends a cookie to
/// every client, so that the queue stays empty. A client that was answered believes to be connected. The listener's
/// own drops count each ACK that the filter keeps from it as well. The kernel gives up half of the requests after
/// about 7 s.
/// </summary>
internal sealed class SynQueueFull : Fault
{
    /// <summary>Makes it.</summary>
    /// <param name="ns">Where; tcp_syncookies is set in it.</param>
    /// <param name="syncookies">tcp_syncookies: 0, 1 or 2.</param>
    /// <param name="backlog">Backlog of the listener.</param>
    /// <param name="clients">Clients that connect.</param>
    public SynQueueFull(NetNamespace ns, int syncookies, int backlog = 16, int clients = 60)
    {
        Backlog = backlog;
        Clients = clients;
        ns.SetSysctl("net.ipv4.tcp_syncookies", $"{syncookies}");
        Build(ns, () =>
        {
            var listener = Keep(KernelSocket.Listener(IPAddress.Loopback, backlog));
            listener.Attach(SocketFilter.OnlySyn);
            Listener = listener.LocalEndPoint;
            BeginConnecting(Listener, clients);
        });
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>Backlog of the listener.</summary>
    public int Backlog { get; }

    /// <summary>Clients that connected.</summary>
    public int Clients { get; }
}
