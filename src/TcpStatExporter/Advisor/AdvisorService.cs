using TcpStatExporter.Sampling;
using TcpStatExporter.Systemd;

namespace TcpStatExporter.Advisor;

/// <summary>Has each tick judged right after it was published, on a thread of its own: the sampler waits for nothing. What begins and ends is logged, and systemd is told.</summary>
internal sealed class AdvisorService : ThreadService
{
    private readonly Examiner _examiner;
    private readonly SampleStore _store;
    private readonly TimeProvider _time;
    private readonly IncidentLog? _incidents;
    private readonly SystemdNotifier? _systemd;
    private readonly AutoResetEvent _ticked = new(initialState: false);
    private Verdict? _told;

    /// <summary>Makes the service; it begins with <see cref="ThreadService.StartAsync"/>.</summary>
    /// <param name="examiner">Judges.</param>
    /// <param name="store">Where ticks are published.</param>
    /// <param name="time">The clock.</param>
    /// <param name="incidents">Logs what begins and ends; none where nobody reads a log.</param>
    /// <param name="systemd">Told of the verdict; none where there is none to tell.</param>
    public AdvisorService(Examiner examiner, SampleStore store, TimeProvider time, IncidentLog? incidents, SystemdNotifier? systemd)
        : base("advisor")
    {
        _examiner = examiner;
        _store = store;
        _time = time;
        _incidents = incidents;
        _systemd = systemd;
        store.Ticked += OnTick;
    }

    /// <inheritdoc/>
    protected override void Run(WaitHandle stopped)
    {
        WaitHandle[] either = [stopped, _ticked];
        while (WaitHandle.WaitAny(either) != 0)
        {
            if (_examiner.Follow() is { } advice)
            {
                _incidents?.Observe(advice, _time.GetElapsedTime(0));
                _systemd?.TellStatus(isNews: advice.Verdict != _told);
                _told = advice.Verdict;
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
