using System.Globalization;
using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Metrics;

/// <summary>One network namespace: its sample at a scrape, and what has series in it from one scrape to the next.</summary>
/// <param name="published">The namespace.</param>
/// <param name="kinds">What series can be about.</param>
internal sealed class NamespaceSeries(PublishedNamespace published, SubjectKinds kinds)
{
    private readonly ValueList<Named> _scarcest = new();
    private SampleLease _lease;

    private readonly SubjectRows<ListenerSample, ListenerIdentity> _listeners =
        new(kinds.Listener, published.Name, static (in ListenerSample row) => row.Identity, LabelsOf);

    private readonly SubjectRows<ClosedListener, ListenerIdentity> _closed =
        new(kinds.Closed, published.Name, static (in ClosedListener row) => row.Last.Identity, LabelsOf);

    private readonly SubjectRows<SweepListener, ListenerIdentity> _swept =
        new(kinds.Swept, published.Name, static (in SweepListener row) => row.Identity, LabelsOf);

    private readonly SubjectRows<HolderSample, HolderIdentity> _closeWait =
        new(kinds.CloseWait, published.Name, static (in HolderSample row) => row.Identity, LabelsOf);

    private readonly SubjectRows<HolderSample, HolderIdentity> _synSent =
        new(kinds.SynSent, published.Name, static (in HolderSample row) => row.Identity, static name => [name.Destination, name.Unit, name.IsLocal ? "true" : ""]);

    private readonly SubjectRows<Named, DestinationName> _scarcestRows =
        new(kinds.Scarcest, published.Name, static (in Named row) => row.Name, static name => [name.Source, name.Destination, name.Unit]);

    private readonly SubjectRows<UdpSample, ListenerIdentity> _udp =
        new(kinds.Udp, published.Name, static (in UdpSample row) => row.Identity, LabelsOf);

    /// <summary>The sample of this scrape, from its begin to its end.</summary>
    public NamespaceSample Sample => _lease.Sample;

    /// <summary>What was said of that sample, or of the one before it.</summary>
    public Advice Advice { get; private set; } = Advice.None;

    /// <summary>It is the host's own.</summary>
    public bool IsHost => published.Name.Length == 0;

    /// <summary>The namespace as a whole.</summary>
    public Subject Subject { get; } = new(kinds.Namespace, published.Name);

    /// <summary>Listeners that are there.</summary>
    public ISubjectRows<ListenerSample> Listeners => _listeners;

    /// <summary>Listeners that are gone.</summary>
    public ISubjectRows<ClosedListener> Closed => _closed;

    /// <summary>Listeners as the last sweep saw them.</summary>
    public ISubjectRows<SweepListener> Swept => _swept;

    /// <summary>Who holds connections in CLOSE_WAIT.</summary>
    public ISubjectRows<HolderSample> CloseWait => _closeWait;

    /// <summary>Where connections in SYN_SENT go.</summary>
    public ISubjectRows<HolderSample> SynSent => _synSent;

    /// <summary>Bound UDP sockets.</summary>
    public ISubjectRows<UdpSample> Udp => _udp;

    /// <summary>The destination that leaves connect(2) fewest ports, if there is one.</summary>
    public ISubjectRows<Named> Scarcest => _scarcestRows;

    /// <summary>Begins a scrape: takes what was published last. A source that is not up has no rows.</summary>
    public void Begin()
    {
        Advice = published.Advice.Latest;
        _lease = published.Samples.Take();
        var hasListeners = Sample.Status(SourceId.Listeners).IsOk;
        var hasSockets = Sample.Status(SourceId.Sockets).IsOk;
        var hasSweep = Sample.Status(SourceId.Sweep).IsOk;
        _listeners.Take(hasListeners ? Sample.Listeners : null);
        _closed.Take(hasListeners ? Sample.Closed : null);
        _closeWait.Take(hasSockets ? Sample.CloseWaitHolders : null);
        _synSent.Take(hasSockets ? Sample.SynSentDestinations : null);
        _udp.Take(Sample.Status(SourceId.Udp).IsOk ? Sample.UdpReceivers : null);
        _swept.Take(hasSweep ? Sample.Sweep.Listeners : null);

        _scarcest.Clear();
        if (hasSweep && Sample.Sweep is { PortsLimit: >= 0, Scarcest.Used: > 0, ScarcestName: { } name })
        {
            _scarcest.Add(new Named(name));
        }

        _scarcestRows.Take(_scarcest);
    }

    /// <summary>Ends a scrape: what it gave no value is not on the page. Gives the sample back.</summary>
    public void End()
    {
        Subject.HideRest();
        _listeners.HideRest();
        _closed.HideRest();
        _swept.HideRest();
        _closeWait.HideRest();
        _synSent.HideRest();
        _udp.HideRest();
        _scarcestRows.HideRest();
        _lease.Dispose();
    }

    private static string[] LabelsOf(ListenerIdentity name) =>
        [name.AddressText, name.Port.ToString(CultureInfo.InvariantCulture), name.Device, name.Unit];

    private static string[] LabelsOf(HolderIdentity name) => [name.Destination, name.Unit];

    /// <summary>A row that holds its name alone.</summary>
    /// <param name="Name">The name.</param>
    public readonly record struct Named(DestinationName Name);
}
