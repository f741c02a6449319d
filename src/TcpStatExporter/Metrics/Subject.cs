using Prometheus;
using Histogram = TcpStatExporter.Sampling.Histogram;

namespace TcpStatExporter.Metrics;

/// <summary>
/// One thing that series are about, with prometheus-net's object for each of its series, so that a scrape looks none of
/// them up by its labels. It lives as long as the thing is known.
/// </summary>
/// <param name="kind">What kind of thing it is.</param>
/// <param name="netns">The network namespace that it is in; empty for the host's own.</param>
/// <param name="labels">Values of the labels that all of its series begin with, after that of netns.</param>
internal sealed class Subject(SubjectKind kind, string netns, params string[] labels)
{
    private Slot[] _slots = new Slot[kind.Series];
    private Histogram[] _observed = new Histogram[kind.Histograms];

    /// <summary>The network namespace that it is in; empty for the host's own.</summary>
    public string Netns => netns;

    /// <summary>Values of the labels that all of its series begin with, after that of netns.</summary>
    public string[] Labels => labels;

    /// <summary>The scrape that met it last.</summary>
    public uint Round { get; set; }

    /// <summary>One of its series.</summary>
    /// <param name="number">Its number among those of the kind.</param>
    public ref Slot this[int number]
    {
        get
        {
            if (number >= _slots.Length)
            {
                // a kernel counter that was not there before
                Array.Resize(ref _slots, kind.Series);
            }

            return ref _slots[number];
        }
    }

    /// <summary>What a histogram has taken already.</summary>
    /// <param name="number">Its number among the histograms of the kind.</param>
    public ref Histogram Observed(int number)
    {
        if (number >= _observed.Length)
        {
            Array.Resize(ref _observed, kind.Histograms);
        }

        return ref _observed[number];
    }

    /// <summary>Ends a scrape: a series that got no value is not on the page.</summary>
    public void HideRest()
    {
        foreach (ref var slot in _slots.AsSpan())
        {
            if (!slot.IsSet)
            {
                slot.Child?.Unpublish();
            }

            slot.IsSet = false;
        }
    }

    /// <summary>Takes its series away for good. To be called before another subject of the same labels gets its first value.</summary>
    public void Remove()
    {
        foreach (ref var slot in _slots.AsSpan())
        {
            slot.Child?.Remove();
            slot = default;
        }
    }

    /// <summary>One series.</summary>
    public struct Slot
    {
        /// <summary>prometheus-net's object; none before the first value.</summary>
        public ChildBase? Child;

        /// <summary>This scrape has given it a value.</summary>
        public bool IsSet;
    }
}
