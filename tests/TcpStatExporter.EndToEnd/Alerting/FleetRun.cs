using System.Diagnostics;
using TcpStatExporter.EndToEnd.Lab;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// Scenarios held at the same time, each on a host of its own, before one Prometheus and one Alertmanager: so it is
/// seen as well that the fault of one host neither raises nor silences an alert of another.
/// </summary>
internal sealed class FleetRun
{
    /// <summary>Scrapes that fail in a row; at six the exporter counts as down, at twenty times its speed.</summary>
    private const int TooMany = 4;

    /// <summary>Samples that an exporter misses; two of fifteen seconds count as missing 5 % of five minutes, at twenty times its speed.</summary>
    private const int TooManySamples = 2;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the expected alerts are waited for.</summary>
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(3);

    private readonly IReadOnlyList<Scenario> _scenarios;
    private readonly TimeSpan _least;
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _units = new(StringComparer.Ordinal);
    private readonly HashSet<string> _evident = new(StringComparer.Ordinal);
    private readonly List<Exception> _failures = [];
    private volatile bool _stopped;

    private FleetRun(IReadOnlyList<Scenario> scenarios, TimeSpan least)
    {
        _scenarios = scenarios;
        _least = least;
    }

    /// <summary>Every alert that reached the receiver.</summary>
    public IReadOnlyList<Alert> Received { get; private set; } = [];

    /// <summary>What fired in the end by Prometheus, whether Alertmanager passed it on or not.</summary>
    public IReadOnlyList<Alert> Firing { get; private set; } = [];

    /// <summary>How many scrapes in a row failed at a host where nothing is done to the exporter; the most of any.</summary>
    public int MissedScrapes { get; private set; }

    /// <summary>How many samples an exporter missed to which nothing is done; the most of any.</summary>
    public double MissedSamples { get; private set; }

    /// <summary>What Prometheus and Alertmanager complained of.</summary>
    public string Log { get; private set; } = "";

    /// <summary>Holds scenarios, and watches what comes of it.</summary>
    /// <param name="scenarios">The scenarios.</param>
    /// <param name="least">How long they are held even when every expected alert has come: others may follow.</param>
    public static FleetRun Of(IReadOnlyList<Scenario> scenarios, TimeSpan least)
    {
        Requires.RootAndIp();
        Requires.Program("prometheus");
        Requires.Program("prometheus-alertmanager");
        return Priority.Raise(() =>
        {
            // time twenty times faster asks that a machine answers within fractions of a second. One that others kept
            // from it gets a second chance, and no third
            var run = new FleetRun(scenarios, least);
            run.Run();
            if (run.IsDisturbed)
            {
                run = new FleetRun(scenarios, least);
                run.Run();
            }

            return run._failures.Count == 0 ? run : throw new AggregateException(run._failures);
        });
    }

    /// <summary>Where the listener of a scenario was, and its owner; null where it has none.</summary>
    /// <param name="scenario">The scenario.</param>
    public (string Address, string Port, string Unit)? Listener(Scenario scenario) =>
        _held[scenario.Name].Listener is { } listener ? ($"{listener.Address}", $"{listener.Port}", _units[scenario.Name]) : null;

    /// <summary>Whether Prometheus saw what a scenario is about.</summary>
    /// <param name="scenario">The scenario.</param>
    public bool IsEvident(Scenario scenario) => scenario.Evidence is null || _evident.Contains(scenario.Name);

    private bool IsDisturbed => _failures.Count > 0 || MissedScrapes >= TooMany || MissedSamples >= TooManySamples;

    private void Run()
    {
        using var fleet = new Fleet();
        try
        {
            foreach (var scenario in _scenarios)
            {
                var host = fleet.Add(scenario.Name, scenario.ReplacesProcfs, scenario.Arguments);
                _held.Add(scenario.Name, scenario.Begin(host));
                _units.Add(scenario.Name, host.Unit);
            }

            fleet.StartExporters();
            fleet.Monitor();
            var started = Stopwatch.GetTimestamp();
            Hold(fleet);
            var within = Stopwatch.GetElapsedTime(started);
            MissedScrapes = LongestSilence(fleet, within);
            MissedSamples = MostSamplesMissed(fleet, within);
            Received = fleet.Received;
            Firing = fleet.Prometheus.Firing();
            Log = fleet.Log;
            foreach (var scenario in _scenarios.Where(scenario => scenario.Evidence is not null))
            {
                if (fleet.Prometheus.Query(scenario.Evidence!).Any(sample => sample["instance"].Equals(scenario.Name, StringComparison.Ordinal)))
                {
                    _evident.Add(scenario.Name);
                }
            }
        }
        finally
        {
            foreach (var held in _held.Values)
            {
                held.Dispose();
            }
        }
    }

    private void Hold(Fleet fleet)
    {
        var threads = _held.Select(pair => new Thread(() => Repeat(pair.Key, pair.Value)) { IsBackground = true }).ToList();
        threads.ForEach(thread => thread.Start());
        var started = Stopwatch.GetTimestamp();
        while (_failures.Count == 0 && Stopwatch.GetElapsedTime(started) is var elapsed && (elapsed < _least || (elapsed < Most && !HasEachCome(fleet.Received))))
        {
            Thread.Sleep(Pace);
        }

        _stopped = true;
        threads.ForEach(thread => thread.Join());
    }

    private int LongestSilence(Fleet fleet, TimeSpan within)
    {
        for (var missed = TooMany; missed > 0; missed--)
        {
            var silent = fleet.Prometheus.Query($"max_over_time(sum_over_time((1 - up)[{missed}s:1s])[{(int)within.TotalSeconds}s:1s]) >= {missed}").Select(sample => sample["instance"]);
            if (silent.Any(IsLeftAlone))
            {
                return missed;
            }
        }

        return 0;
    }

    private double MostSamplesMissed(Fleet fleet, TimeSpan within) =>
        fleet.Prometheus.Query($"max_over_time(tcpstat_samples_missed_total[{(int)within.TotalSeconds}s]) - min_over_time(tcpstat_samples_missed_total[{(int)within.TotalSeconds}s])")
            .Where(sample => IsLeftAlone(sample["instance"]))
            .Select(sample => sample.Value)
            .DefaultIfEmpty()
            .Max();

    private bool IsLeftAlone(string name) =>
        !_scenarios.Single(scenario => scenario.Name.Equals(name, StringComparison.Ordinal)).StopsExporter;

    private bool HasEachCome(IReadOnlyList<Alert> received) =>
        _scenarios.All(scenario => scenario.Expected.All(expected => received.Any(alert => alert.IsOf(scenario) && alert.Is(expected))));

    private void Repeat(string name, Held held)
    {
        try
        {
            while (!_stopped)
            {
                held.Again();
                Thread.Sleep(Pace);
            }
        }
        catch (Exception exception)
        {
            lock (_failures)
            {
                _failures.Add(new InvalidOperationException(name, exception));
            }
        }
    }
}
