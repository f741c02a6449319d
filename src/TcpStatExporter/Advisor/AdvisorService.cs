using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// Has each tick of each network namespace judged right after it was published, on a thread of its own: the sampler waits for
/// nothing. What begins and ends is logged.
/// </summary>
internal sealed class AdvisorService : ThreadService
{
    private readonly IReadOnlyList<NamespaceAdvice> _namespaces;
    private readonly TimeProvider _time;
    private readonly AutoResetEvent _ticked = new(initialState: false);
    private Verdict? _told;

    /// <summary>Makes the service; it begins with its start.</summary>
    /// <param name="namespaces">What to judge, the host's own namespace first.</param>
    /// <param name="time">The clock.</param>
    public AdvisorService(IReadOnlyList<NamespaceAdvice> namespaces, TimeProvider time)
        : base("advisor")
    {
        _namespaces = namespaces;
        _time = time;
        foreach (var one in namespaces)
        {
            one.Store.Ticked += OnTick;
        }
    }

    /// <summary>The verdict on the host's own namespace has changed; told on the service's own thread.</summary>
    public event EventHandler? VerdictChanged;

    /// <inheritdoc/>
    protected override void Run(WaitHandle stopped)
    {
        WaitHandle[] either = [stopped, _ticked];
        while (WaitHandle.WaitAny(either) != 0)
        {
            foreach (var one in _namespaces)
            {
                one.Follow(_time.GetElapsedTime(0));
            }

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
