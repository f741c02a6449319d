using System.Runtime.CompilerServices;

namespace TcpStatExporter.Kernel.Model;

/// <summary>Sockets counted by state. A mutable struct: a copy has its own counts.</summary>
public struct TcpStateCounts
{
    /// <summary>The states with a count of their own are below this number. All others count as unknown.</summary>
    public const int KnownStates = (int)TcpState.Closing + 1;

    private Counts _counts;

    /// <summary>Sockets in a state that this version does not know.</summary>
    public long Unknown
    {
        readonly get => _counts[0];
        set => _counts[0] = value;
    }

    /// <summary>Sockets in one state. <see cref="TcpState.NewSynRecv"/> is the same as <see cref="TcpState.SynRecv"/>.</summary>
    /// <param name="state">A known state. Any other reads and writes <see cref="Unknown"/>.</param>
    public long this[TcpState state]
    {
        readonly get => _counts[Slot(state)];
        set => _counts[Slot(state)] = value;
    }

    /// <summary>Counts one more socket in <paramref name="state"/>.</summary>
    /// <param name="state">Any number that the kernel reports.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(TcpState state) => _counts[Slot(state)]++;

    /// <summary>Sockets in all states.</summary>
    public readonly long Total
    {
        get
        {
            long total = 0;
            foreach (var count in _counts)
            {
                total += count;
            }

            return total;
        }
    }

    private static int Slot(TcpState state) => state switch
    {
        TcpState.NewSynRecv => (int)TcpState.SynRecv,
        <= TcpState.Closing => (int)state,
        _ => 0,
    };

    [InlineArray(KnownStates)]
    private struct Counts
    {
        private long _first;
    }
}
