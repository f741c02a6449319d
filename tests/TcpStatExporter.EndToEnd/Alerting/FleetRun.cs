using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit.Sdk;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// Scenarios held at the same time, each on a host of its own, before one Prometheus and one Alertmanager: so it is
/// seen as well that the fault of one host neither raises nor silences an alert of another.
/// </summary>
internal sealed class FleetRun
{
    /// <summary>How often a scenario is held at most.</summary>
    private const int Most = 3;

    /// <summary>Hosts that Prometheus had no answer of, or did not ask for longer than it should, and those whose exporter missed a sample.</summary>
    private const string Disturbed =
        """
        min_over_time(up[10m]) == 0
        or max_over_time((time() - timestamp(up))[10m:250ms]) > 1.5
        or changes(tcpstat_samples_missed_total[10m]) > 0
        """;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    /// <summary>Between two rounds of what is done to a host; more, and it was kept from doing it.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1.5);

    /// <summary>How long the expected alerts are waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    private readonly TimeSpan _least;
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _units = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Exception> _failures = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _disturbed = new(StringComparer.Ordinal);
    private HashSet<string> _evident = [];
    private volatile bool _stopped;

    private FleetRun(IReadOnlyList<Scenario> scenarios, TimeSpan least)
    {
        Scenarios = scenarios;
        _least = least;
    }

    /// <summary>What was held.</summary>
    public IReadOnlyList<Scenario> Scenarios { get; }

    /// <summary>Every alert that reached the receiver.</summary>
    public IReadOnlyList<Alert> Received { get; private set; } = [];

    /// <summary>What fired in the end by Prometheus, whether Alertmanager passed it on or not.</summary>
    public IReadOnlyList<Alert> Firing { get; private set; } = [];

    /// <summary>What Prometheus and Alertmanager complained of.</summary>
    public string Log { get; private set; } = "";

    /// <summary>What did not come out as it has to, on a host that others of this machine kept from its time.</summary>
    public IReadOnlyList<Scenario> Doubtful =>
        [.. Scenarios.Where(scenario => _failures.ContainsKey(scenario.Name) || (_disturbed.ContainsKey(scenario.Name) && !HasComeAlone(scenario)))];

    /// <summary>
    /// Holds scenarios, and watches what comes of it. Time twenty times faster asks that a machine answers within
    /// fractions of a second: what is doubtful is held again, twice at most.
    /// </summary>
    /// <param name="scenarios">The scenarios.</param>
    /// <param name="least">How long they are held even when every expected alert has come: others may follow.</param>
    public static IReadOnlyList<FleetRun> Of(IReadOnlyList<Scenario> scenarios, TimeSpan least)
    {
        Requires.RootAndIp();
        Requires.Program("prometheus");
        Requires.Program("prometheus-alertmanager");
        return Priority.Raise(() =>
        {
            var runs = new List<FleetRun>();
            for (var time = 1; time <= Most && scenarios.Count > 0; time++)
            {
                var run = new FleetRun(scenarios, least);
                try
                {
                    run.Run();
                }
                catch (Exception exception) when (exception is not SkipException && time < Most)
                {
                    continue;
                }

                runs.Add(run);
                scenarios = run.Doubtful;
            }

            return runs;
        });
    }

    /// <summary>What reached the receiver from the host of a scenario.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <exception cref="InvalidOperationException">It could not be held.</exception>
    public IReadOnlyList<Alert> ReceivedOf(Scenario scenario) =>
        _failures.TryGetValue(scenario.Name, out var failure)
            ? throw new InvalidOperationException(scenario.Name, failure)
            : [.. Received.Where(alert => alert.IsOf(scenario))];

    /// <summary>Where the listener of a scenario was, and its owner; null where it has none.</summary>
    /// <param name="scenario">The scenario.</param>
    public (string Address, string Port, string Unit)? Listener(Scenario scenario) =>
        _held[scenario.Name].Listener is { } listener ? ($"{listener.Address}", $"{listener.Port}", _units[scenario.Name]) : null;

    /// <summary>Whether Prometheus saw what a scenario is about.</summary>
    /// <param name="scenario">The scenario.</param>
    public bool IsEvident(Scenario scenario) => scenario.Evidence is null || _evident.Contains(scenario.Name);

    /// <summary>
    /// The packet backlogs are the machine's. Whatever runs on it beside the fleet may overflow them, and every host that reads
    /// the kernel's own file tells of that, rightly.
    /// </summary>
    private bool IsOfItsHost(Alert alert) => alert.Name != "TcpSoftnetDrops" || Scenarios.Any(scenario => alert.IsOf(scenario) && scenario.ReplacesProcfs);

    private bool HasCome(Scenario scenario) =>
        IsEvident(scenario) && scenario.Expected.All(expected => Received.Any(alert => alert.IsOf(scenario) && alert.Is(expected)));

    private bool HasComeAlone(Scenario scenario) =>
        HasCome(scenario) && Received.Where(alert => alert.IsOf(scenario)).All(alert => scenario.Expected.Any(
            expected => alert.Is(expected) && alert.Listener == (expected.NamesListener ? Listener(scenario) : null)));

    private void Run()
    {
        using var fleet = new Fleet();
        try
        {
            foreach (var scenario in Scenarios)
            {
                var host = fleet.Add(scenario.Name, scenario.ReplacesProcfs, scenario.Arguments);
                _held.Add(scenario.Name, scenario.Begin(host));
                _units.Add(scenario.Name, host.Unit);
            }

            fleet.StartExporters();
            fleet.Monitor();
            Hold(fleet);
            Look(fleet);
            Firing = fleet.Prometheus.Firing();
            Log = fleet.Log;
            foreach (var sample in fleet.Prometheus.Query(Disturbed))
            {
                _disturbed[sample["instance"]] = true;
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
        try
        {
            var started = Stopwatch.GetTimestamp();
            Thread.Sleep(_least);
            for (Look(fleet); Stopwatch.GetElapsedTime(started) < Patience && !Scenarios.All(HasCome); Look(fleet))
            {
                Thread.Sleep(Pace);
            }
        }
        finally
        {
            _stopped = true;
            threads.ForEach(thread => thread.Join());
        }
    }

    private void Look(Fleet fleet)
    {
        Received = [.. fleet.Received.Where(IsOfItsHost)];
        _evident =
        [
            .. Scenarios.Where(scenario => scenario.Evidence is not null
                && fleet.Prometheus.Query(scenario.Evidence).Any(sample => sample["instance"].Equals(scenario.Name, StringComparison.Ordinal)))
                .Select(scenario => scenario.Name),
        ];
    }

    private void Repeat(string name, Held held)
    {
        try
        {
            while (!_stopped)
            {
                var started = Stopwatch.GetTimestamp();
                held.Again();
                Thread.Sleep(Pace);
                if (Stopwatch.GetElapsedTime(started) > Late)
                {
                    _disturbed[name] = true;
                }
            }
        }
        catch (Exception exception)
        {
            _failures[name] = exception;
        }
    }
}
