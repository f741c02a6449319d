using System.Globalization;
using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Metrics;

/// <summary>One network namespace: its sample in a scrape, and the subjects that stay from scrape to scrape.</summary>
/// <param name="published">The namespace.</param>
/// <param name="kinds">The kinds of subjects.</param>
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

    private readonly SubjectRows<PeerTraffic, PeerName> _peers =
        new(kinds.Peer, published.Name, static (in PeerTraffic row) => row.Peer, static name => [name.Text]);

    private readonly SubjectRows<UnixSample, UnixIdentity> _unix =
        new(kinds.Unix, published.Name, static (in UnixSample row) => row.Identity, static name => [name.Path, name.Unit]);

    /// <summary>The sample of this scrape, valid from <see cref="Begin"/> to <see cref="End"/>.</summary>
    public NamespaceSample Sample => _lease.Sample;

    /// <summary>The advice on that sample, or on the one before it.</summary>
    public Advice Advice { get; private set; } = Advice.None;

    /// <summary>True for the host's own namespace.</summary>
    public bool IsHost => published.Name.Length == 0;

    /// <summary>The subject for the whole namespace.</summary>
    public Subject Subject { get; } = new(kinds.Namespace, published.Name);

    /// <summary>What it belongs to; null for the host's own.</summary>
    public WatchedNetns? Watched => published.Watched;

    /// <summary>The subject of what it belongs to.</summary>
    public Subject? Owner { get; } = published.Watched is { Identity: var identity }
        ? new Subject(kinds.Netns, published.Name, identity.Kind.Name(), identity.KubernetesNamespace, identity.KubernetesPod, identity.Workload, identity.Container)
        : null;

    /// <summary>Its counters are shown as 0 at this scrape.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Counters of its listeners are shown as 0 at this scrape.</summary>
    public bool AreListenersHeld { get; private set; }

    /// <summary>Open listeners.</summary>
    public ISubjectRows<ListenerSample> Listeners => _listeners;

    /// <summary>Closed listeners.</summary>
    public ISubjectRows<ClosedListener> Closed => _closed;

    /// <summary>Listeners from the last sweep.</summary>
    public ISubjectRows<SweepListener> Swept => _swept;

    /// <summary>Owners of connections in CLOSE_WAIT.</summary>
    public ISubjectRows<HolderSample> CloseWait => _closeWait;

    /// <summary>Destinations of connections in SYN_SENT.</summary>
    public ISubjectRows<HolderSample> SynSent => _synSent;

    /// <summary>Bound UDP sockets.</summary>
    public ISubjectRows<UdpSample> Udp => _udp;

    /// <summary>Peers with retransmissions.</summary>
    public ISubjectRows<PeerTraffic> Peers => _peers;

    /// <summary>AF_UNIX listeners.</summary>
    public ISubjectRows<UnixSample> Unix => _unix;

    /// <summary>The destination with the fewest free ports for connect(2), if there is one.</summary>
    public ISubjectRows<Named> Scarcest => _scarcestRows;

    /// <summary>Begins a scrape: takes the last published sample. A source that could not be read has no rows.</summary>
    public void Begin()
    {
        Advice = published.Advice.Latest;
        IsHeld = published.Watched?.ShowHeld() == true;
        _lease = published.Samples.Take();
        var hasListeners = Sample.Status(SourceId.Listeners).IsOk;
        var hasSockets = Sample.Status(SourceId.Sockets).IsOk;
        var hasSweep = Sample.Status(SourceId.Sweep).IsOk;
        AreListenersHeld = hasListeners && published.Watched?.ShowListenersHeld() == true;
        _listeners.Take(hasListeners ? Sample.Listeners : null);
        _closed.Take(hasListeners ? Sample.Closed : null);
        _closeWait.Take(hasSockets ? Sample.CloseWaitHolders : null);
        _synSent.Take(hasSockets ? Sample.SynSentDestinations : null);
        _udp.Take(Sample.Status(SourceId.Udp).IsOk ? Sample.UdpReceivers : null);
        _unix.Take(Sample.Status(SourceId.Unix).IsOk ? Sample.UnixListeners : null);
        _swept.Take(hasSweep ? Sample.Sweep.Listeners : null);
        _peers.Take(hasSweep && Sample.Sweep.TrafficTime > TimeSpan.Zero ? Sample.Sweep.Peers : null);

        _scarcest.Clear();
        if (hasSweep && Sample.Sweep is { PortsLimit: >= 0, Scarcest.Used: > 0, ScarcestName: { } name })
        {
            _scarcest.Add(new Named(name));
        }

        _scarcestRows.Take(_scarcest);
    }

    /// <summary>Ends a scrape: series without a value are removed from the page. Returns the sample.</summary>
    public void End()
    {
        Subject.HideRest();
        Owner?.HideRest();
        _listeners.HideRest();
        _closed.HideRest();
        _swept.HideRest();
        _closeWait.HideRest();
        _synSent.HideRest();
        _udp.HideRest();
        _peers.HideRest();
        _unix.HideRest();
        _scarcestRows.HideRest();
        _lease.Dispose();
    }

    /// <summary>Takes its series away for good.</summary>
    public void Remove()
    {
        Subject.Remove();
        Owner?.Remove();
        _listeners.Take(new());
        _closed.Take(new());
        _swept.Take(new());
        _closeWait.Take(new());
        _synSent.Take(new());
        _udp.Take(new());
        _scarcestRows.Take(new());
    }

    private static string[] LabelsOf(ListenerIdentity name) =>
        [name.AddressText, name.Port.ToString(CultureInfo.InvariantCulture), name.Device, name.Unit];

    private static string[] LabelsOf(HolderIdentity name) => [name.Destination, name.Unit];

    /// <summary>A row that has only a name.</summary>
    /// <param name="Name">The name.</param>
    public readonly record struct Named(DestinationName Name);
}
