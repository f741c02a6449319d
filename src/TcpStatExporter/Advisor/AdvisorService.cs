using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>Has each tick judged right after it was published, on a thread of its own: the sampler waits for nothing. What begins and ends is logged.</summary>
internal sealed class AdvisorService : ThreadService
{
    private readonly Examiner _examiner;
    private readonly SampleStore _store;
    private readonly TimeProvider _time;
    private readonly IncidentLog? _incidents;
    private readonly AutoResetEvent _ticked = new(initialState: false);
    private Verdict? _told;

    /// <summary>Makes the service; it begins with its start.</summary>
    /// <param name="examiner">Judges.</param>
    /// <param name="store">Where ticks are published.</param>
    /// <param name="time">The clock.</param>
    /// <param name="incidents">Logs what begins and ends; none where nobody reads a log.</param>
    public AdvisorService(Examiner examiner, SampleStore store, TimeProvider time, IncidentLog? incidents)
        : base("advisor")
    {
        _examiner = examiner;
        _store = store;
        _time = time;
        _incidents = incidents;
        store.Ticked += OnTick;
    }

    /// <summary>The verdict has changed; told on the service's own thread.</summary>
    public event EventHandler? VerdictChanged;

    /// <inheritdoc/>
    protected override void Run(WaitHandle stopped)
    {
        WaitHandle[] either = [stopped, _ticked];
        while (WaitHandle.WaitAny(either) != 0)
        {
            if (_examiner.Follow() is not { } advice)
            {
                continue;
            }

            _incidents?.Observe(advice, _time.GetElapsedTime(0));
            if (advice.Verdict != _told)
            {
                _told = advice.Verdict;
                VerdictChanged?.Invoke(this, EventArgs.Empty);
            }
        }
    }

    /// <inheritdoc/>
    protected override void OnDisposed()
    {
        _store.Ticked -= OnTick;
        _ticked.Dispose();
    }

    private void OnTick(object? sender, EventArgs e) => _ticked.Set();
}
