using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit.Sdk;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// Scenarios that run at the same time, each on its own host, with one Prometheus and one Alertmanager. This also shows that
/// a fault of one host neither raises nor silences an alert of another.
/// </summary>
internal sealed class FleetRun
{
    /// <summary>Maximum number of runs of a scenario.</summary>
    private const int Most = 3;

    /// <summary>Hosts that did not answer Prometheus, that it scraped too late, or whose exporter missed a sample.</summary>
    private const string Disturbed =
        """
        min_over_time(up[10m]) == 0
        or max_over_time((time() - timestamp(up))[10m:250ms]) > 1.5
        or changes(tcpstat_samples_missed_total[10m]) > 0
        """;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    /// <summary>Time between two rounds of actions on a host. A longer time means that the machine was too busy.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1.5);

    /// <summary>How long to wait for the expected alerts.</summary>
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

    /// <summary>The scenarios of this run.</summary>
    public IReadOnlyList<Scenario> Scenarios { get; }

    /// <summary>All alerts that reached the receiver.</summary>
    public IReadOnlyList<Alert> Received { get; private set; } = [];

    /// <summary>The alerts that fired in Prometheus at the end, whether or not Alertmanager delivered them.</summary>
    public IReadOnlyList<Alert> Firing { get; private set; } = [];

    /// <summary>Errors of Prometheus and Alertmanager.</summary>
    public string Log { get; private set; } = "";

    /// <summary>Scenarios with a wrong result on a host that other work on this machine had delayed.</summary>
    public IReadOnlyList<Scenario> Doubtful =>
        [.. Scenarios.Where(scenario => _failures.ContainsKey(scenario.Name) || (_disturbed.ContainsKey(scenario.Name) && !HasComeAlone(scenario)))];

    /// <summary>
    /// Runs scenarios and watches the results. Because time is twenty times faster, the machine has to react within fractions
    /// of a second. Doubtful scenarios are repeated, at most twice.
    /// </summary>
    /// <param name="scenarios">The scenarios.</param>
    /// <param name="least">Minimum duration, even if all expected alerts have arrived, because others may follow.</param>
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

    /// <summary>Returns what the receiver got from the host of a scenario.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <exception cref="InvalidOperationException">The scenario could not run.</exception>
    public IReadOnlyList<Alert> ReceivedOf(Scenario scenario) =>
        _failures.TryGetValue(scenario.Name, out var failure)
            ? throw new InvalidOperationException(scenario.Name, failure)
            : [.. Received.Where(alert => alert.IsOf(scenario))];

    /// <summary>Returns the listener of a scenario and its owner, or null if it has none.</summary>
    /// <param name="scenario">The scenario.</param>
    public (string Address, string Port, string Unit)? Listener(Scenario scenario) =>
        _held[scenario.Name].Listener is { } listener ? ($"{listener.Address}", $"{listener.Port}", _units[scenario.Name]) : null;

    /// <summary>Returns true if Prometheus saw what a scenario is about.</summary>
    /// <param name="scenario">The scenario.</param>
    public bool IsEvident(Scenario scenario) => scenario.Evidence is null || _evident.Contains(scenario.Name);

    /// <summary>
    /// The packet backlogs belong to the machine. Other work on it may overflow them, and then every host that reads the
    /// kernel's own file rightly reports that.
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
            foreach (var (name, held) in _held)
            {
                try
                {
                    held.Dispose();
                }
                catch (Exception exception)
                {
                    // the others have to go all the same: what they leave behind would fail the next run
                    _failures.TryAdd(name, exception);
                }
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
