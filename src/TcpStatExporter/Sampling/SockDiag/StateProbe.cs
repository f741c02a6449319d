using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>
/// A random sample of the connections: a dump of all of them that is read a little at a time, since the kernel walks its
/// table only as far as the rows that fit a datagram, and a hash decides where in the table a connection is. What the sample
/// holds of a state is compared with the part of all connections that the last count found in it.
/// </summary>
/// <param name="net">The network namespace.</param>
/// <param name="stopping">Ends a read before its time.</param>
internal sealed class StateProbe(NetNamespace net, CancellationToken stopping) : IDisposable
{
    /// <summary>Datagrams of some 70 connections each that a budget of one percent of a core pays for: 0.9 ms, of the 10 that it has a second.</summary>
    private const double DatagramsForOnePercent = 14;

    private const int LeastDatagrams = 3;

    private static readonly TcpState[] Watched =
    [
        TcpState.SynSent, TcpState.SynRecv, TcpState.FinWait1, TcpState.FinWait2, TcpState.CloseWait, TcpState.LastAck, TcpState.Closing,
    ];

    private readonly Tally _tally = new();
    private NetlinkSocket? _socket;

    /// <summary>Takes a sample. Where none can be had it shows nothing: what is the matter, the next count will tell.</summary>
    /// <param name="counted">Connections by state, as they were counted last.</param>
    /// <param name="share">Share of one core that the budget has: the sample is as large as it pays for.</param>
    /// <returns>True if there are many more or many fewer in a state than were counted.</returns>
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

    /// <summary>Whether a sample is unlikely to be one of a population: by more than three standard deviations of what chance does to a count, and by half.</summary>
    /// <param name="sample">Connections of the sample by state.</param>
    /// <param name="population">Connections by state; listeners are no matter.</param>
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
