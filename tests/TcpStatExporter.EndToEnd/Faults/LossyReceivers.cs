using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Streams to receivers that lose a share of the segments. Later segments arrive, so the sender learns about a loss from
/// selective acknowledgements and retransmits without waiting for its timer: RetransSegs increases, TCPTimeouts rarely.
/// </summary>
internal sealed unsafe class LossyReceivers : Fault
{
    private const int Segment = 1000;

    /// <summary>What is lost several times is retransmitted less and less often.</summary>
    private const int ReceiveSeconds = 60;

    private readonly NetNamespace _ns;
    private readonly List<(KernelSocket Client, KernelSocket Server)> _streams = [];

    /// <summary>Creates the streams.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="streams">Number of connections.</param>
    /// <param name="loss">Share of segments lost, 0 to 1.</param>
    public LossyReceivers(NetNamespace ns, int streams, double loss)
    {
        _ns = ns;
        Build(ns, () =>
        {
            var listener = Keep(KernelSocket.Listener(IPAddress.Loopback, streams));
            Listener = listener.LocalEndPoint;
            var timeout = stackalloc long[2] { ReceiveSeconds, 0 };
            for (var i = 0; i < streams; i++)
            {
                var (client, server) = Connection(listener);
                client.SetOption(Libc.IpProtoTcp, Libc.TcpNoDelay, 1);
                server.Attach(SocketFilter.Lossy(loss));
                Libc.Check(Libc.SetOption(server, Libc.SolSocket, Libc.SoReceiveTimeout, timeout, 2 * sizeof(long)), "setsockopt");
                _streams.Add((client, server));
            }
        });
    }

    /// <summary>Where the receivers listen.</summary>
    public IPEndPoint Listener { get; private set; } = new(IPAddress.None, 0);

    /// <summary>Sends on each stream, one segment at a time, and waits until everything has arrived.</summary>
    /// <param name="segments">Number of segments.</param>
    public void Send(int segments) => Build(_ns, () =>
    {
        var data = new byte[Segment];
        for (var i = 0; i < segments; i++)
        {
            foreach (var (client, _) in _streams)
            {
                client.Send(data);
            }
        }

        foreach (var (_, server) in _streams)
        {
            server.ReceiveAll(segments * Segment);
        }
    });
}
