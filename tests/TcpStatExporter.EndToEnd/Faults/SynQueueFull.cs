using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// A listener that never sees a completed handshake, because a socket filter lets only SYNs through, and more clients than
/// its SYN queue holds. The queue holds backlog + 1 requests, or backlog on kernels before 2025
/// (inet_csk_reqsk_queue_is_full). For the other clients: tcp_syncookies=1 counts SyncookiesSent and TCPReqQFullDoCookies. 0
/// counts TCPReqQFullDrop, ListenDrops and the listener's own drops, also for each retry. 2 sends a cookie to every client,
/// so the queue stays empty. A client with an answer believes that it is connected. The listener's own drops also count each
/// ACK that the filter blocks. The kernel drops half of the requests after about 7 s.
/// </summary>
internal sealed class SynQueueFull : Fault
{
    /// <summary>Creates the listener and the clients.</summary>
    /// <param name="ns">The namespace. Its tcp_syncookies is set.</param>
    /// <param name="syncookies">tcp_syncookies: 0, 1 or 2.</param>
    /// <param name="backlog">Backlog of the listener.</param>
    /// <param name="clients">Number of clients that connect.</param>
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

    /// <summary>The address that it listens on.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>Backlog of the listener.</summary>
    public int Backlog { get; }

    /// <summary>Number of clients that connected.</summary>
    public int Clients { get; }
}
