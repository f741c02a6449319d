using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>
/// A random sample of the connections: a dump of all connections that is read in small parts. The kernel walks its table only
/// as far as the rows fit into a datagram, and a hash decides where in the table a connection is. The states in the sample
/// are compared with those of the last count.
/// </summary>
/// <param name="net">The network namespace.</param>
/// <param name="stopping">Stops a read early.</param>
internal sealed class StateProbe(NetNamespace net, CancellationToken stopping) : IDisposable
{
    /// <summary>
    /// How many datagrams of about 70 connections each one percent of a core pays for: 0.9 ms of its 10 ms per second.
    /// </summary>
    private const double DatagramsForOnePercent = 14;

    private const int LeastDatagrams = 3;

    private static readonly TcpState[] Watched =
    [
        TcpState.SynSent, TcpState.SynRecv, TcpState.FinWait1, TcpState.FinWait2, TcpState.CloseWait, TcpState.LastAck, TcpState.Closing,
    ];

    private readonly Tally _tally = new();
    private NetlinkSocket? _socket;

    /// <summary>Takes a sample. If none is available, it shows no change, and the next count reports the error.</summary>
    /// <param name="counted">Connections by state, from the last count.</param>
    /// <param name="share">The budget as a share of one core. It determines the size of the sample.</param>
    /// <returns>True if a state has many more or many fewer connections than in the last count.</returns>
    public bool SeesChange(in TcpStateCounts counted, double share)
    {
        if (_socket is null && !net.TryOpenNetlink(out _socket, out _, out _))
        {
            return false;
        }

        _tally.States = default;
        var visitor = new Stoppable<Visitor>(new Visitor(_tally), stopping);
        var datagrams = (int)Math.Clamp(DatagramsForOnePercent * share * 100, LeastDatagrams, DatagramsForOnePercent);
        if (_socket.DumpPart(InetDiagRequest.Connections, datagrams, ref visitor).IsOk)
        {
            return Differ(_tally.States, counted);
        }

        _socket.Dispose();
        _socket = null;
        return false;
    }

    /// <summary>
    /// Returns true if a sample is unlikely to come from a population: a count differs by more than three standard
    /// deviations, and by more than half.
    /// </summary>
    /// <param name="sample">Connections in the sample, by state.</param>
    /// <param name="population">Connections by state. Listeners are ignored.</param>
    public static bool Differ(in TcpStateCounts sample, in TcpStateCounts population)
    {
        var all = population.Total - population[TcpState.Listen];
        var taken = sample.Total;
        foreach (var state in Watched)
        {
            var expected = all > 0 ? (double)population[state] * taken / all : 0;
            if (Math.Abs(sample[state] - expected) > 2 + (expected / 2) + (3 * Math.Sqrt(expected)))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private sealed class Tally
    {
        public TcpStateCounts States;
    }

    private readonly struct Visitor(Tally tally) : ITcpSocketVisitor
    {
        public bool Visit(in TcpSocket socket)
        {
            tally.States.Add(socket.State);
            return true;
        }
    }
}
