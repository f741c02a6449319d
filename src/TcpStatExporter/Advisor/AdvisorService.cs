using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// Judges each tick of each network namespace right after it was published, on its own thread, so the sampler never waits.
/// Logs when incidents begin and end.
/// </summary>
internal sealed class AdvisorService : ThreadService
{
    private readonly IReadOnlyList<NamespaceAdvice> _namespaces;
    private readonly NetnsAdvices? _others;
    private readonly TimeProvider _time;
    private readonly AutoResetEvent _ticked = new(initialState: false);
    private Verdict? _told;

    /// <summary>Creates the service. Nothing runs until it is started.</summary>
    /// <param name="namespaces">The namespaces to judge. The host's own is first.</param>
    /// <param name="time">The clock.</param>
    /// <param name="others">Those that come and go; null if they are not watched.</param>
    public AdvisorService(IReadOnlyList<NamespaceAdvice> namespaces, TimeProvider time, NetnsAdvices? others = null)
        : base("advisor")
    {
        _namespaces = namespaces;
        _time = time;
        _others = others;
        foreach (var one in namespaces)
        {
            one.Store.Ticked += OnTick;
        }
    }

    /// <summary>Raised on the service's thread when the verdict on the host's own namespace changes.</summary>
    public event EventHandler? VerdictChanged;

    /// <inheritdoc/>
    protected override void Run(CancellationToken stopping)
    {
        WaitHandle[] either = [stopping.WaitHandle, _ticked];
        while (WaitHandle.WaitAny(either) != 0)
        {
            foreach (var one in _namespaces)
            {
                one.Follow(_time.GetElapsedTime(0));
            }

            _others?.Follow(_time.GetElapsedTime(0));
            var verdict = _namespaces[0].Advice.Latest.Verdict;
            if (verdict != _told)
            {
                _told = verdict;
                VerdictChanged?.Invoke(this, EventArgs.Empty);
            }
        }
    }

    /// <inheritdoc/>
    protected override void OnDisposed()
    {
        foreach (var one in _namespaces)
        {
            one.Store.Ticked -= OnTick;
        }

        _ticked.Dispose();
    }

    private void OnTick(object? sender, EventArgs e) => _ticked.Set();
}
