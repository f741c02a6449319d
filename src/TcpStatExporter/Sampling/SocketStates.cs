using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// What is remembered about the sockets of a network namespace from one count to the next: peaks of the states, SYN queues,
/// and connections that wait for somebody.
/// </summary>
/// <param name="peakWindow">Window of the peaks.</param>
/// <param name="stuck">What is remembered about connections that wait for somebody.</param>
internal sealed class SocketStates(TimeSpan peakWindow, StuckTable stuck)
{
    private static readonly TcpState[] States =
        [TcpState.None, .. Enum.GetValues<TcpState>().Where(s => s is > TcpState.None and <= TcpState.Closing)];

    private readonly PeakWindow[] _peaks = [.. States.Select(_ => new PeakWindow(peakWindow))];

    /// <summary>Adds a sample, whether or not its sockets were counted.</summary>
    /// <param name="sample">The sample. Receives the current results.</param>
    /// <param name="listeners">Receives the SYN queues.</param>
    /// <param name="now">Monotonic time.</param>
    /// <returns>True if the sockets were counted.</returns>
    public bool Observe(NamespaceSample sample, ListenerTable listeners, TimeSpan now)
    {
        var hasStates = sample.Kernel[SourceId.Sockets].IsOk;
        var isCounted = hasStates && !sample.Kernel.AreStatesOld;
        if (hasStates)
        {
            ObserveStates(sample, now, isCounted);
        }

        if (isCounted)
        {
            listeners.ObserveSynQueues(sample.Kernel.SynQueues.Span, now);
        }
        else if (hasStates)
        {
            listeners.KeepSynQueues(now);
        }

        stuck.Observe(sample, now);
        return isCounted;
    }

    /// <summary>The sockets cannot be counted for a while.</summary>
    public void Miss() => stuck.Miss();

    /// <summary>
    /// A state that was not counted in this tick is not an observation. Its peak is that of earlier ticks and its last value.
    /// </summary>
    private void ObserveStates(NamespaceSample sample, TimeSpan now, bool isCounted)
    {
        ref var states = ref sample.Kernel.States;
        if (!isCounted && sample.Kernel[SourceId.Listeners].IsOk)
        {
            states[TcpState.Listen] = sample.Kernel.Listeners.Count;
        }

        sample.HasUnknownState |= states.Unknown > 0;
        for (var i = 0; i < States.Length; i++)
        {
            var state = States[i];
            if (isCounted || state is TcpState.Established or TcpState.TimeWait or TcpState.Listen)
            {
                _peaks[i].Observe(now, states[state]);
            }
            else
            {
                _peaks[i].Advance(now);
            }

            sample.StatePeaks[state] = _peaks[i].Peak >= states[state] ? (long)_peaks[i].Peak : states[state];
        }
    }
}
