using Prometheus;
using Histogram = TcpStatExporter.Sampling.Histogram;

namespace TcpStatExporter.Metrics;

/// <summary>
/// Something that series are about. It holds prometheus-net's object for each of its series, so a scrape needs no lookup by
/// labels. It lives as long as the thing is known.
/// </summary>
/// <param name="kind">The kind of subject.</param>
/// <param name="netns">Its network namespace. Empty for the host's own.</param>
/// <param name="labels">Values of the labels that all its series begin with, after netns.</param>
internal sealed class Subject(SubjectKind kind, string netns, params string[] labels)
{
    private Slot[] _slots = new Slot[kind.Series];
    private Histogram[] _observed = new Histogram[kind.Histograms];

    /// <summary>Its network namespace. Empty for the host's own.</summary>
    public string Netns => netns;

    /// <summary>Values of the labels that all its series begin with, after netns.</summary>
    public string[] Labels => labels;

    /// <summary>The last scrape that included it.</summary>
    public uint Round { get; set; }

    /// <summary>Returns one of its series.</summary>
    /// <param name="number">Index of the series, as assigned by its kind.</param>
    public ref Slot this[int number]
    {
        get
        {
            if (number >= _slots.Length)
            {
                // a new kernel counter
                Array.Resize(ref _slots, kind.Series);
            }

            return ref _slots[number];
        }
    }

    /// <summary>Returns what a histogram has already received.</summary>
    /// <param name="number">Index of the histogram, as assigned by its kind.</param>
    public ref Histogram Observed(int number)
    {
        if (number >= _observed.Length)
        {
            Array.Resize(ref _observed, kind.Histograms);
        }

        return ref _observed[number];
    }

    /// <summary>Ends a scrape: series without a value are removed from the page.</summary>
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

    /// <summary>
    /// Removes its series for good. Call this before another subject with the same labels gets its first value.
    /// </summary>
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
        /// <summary>prometheus-net's object. Null before the first value.</summary>
        public ChildBase? Child;

        /// <summary>True if this scrape has set a value.</summary>
        public bool IsSet;
    }
}
