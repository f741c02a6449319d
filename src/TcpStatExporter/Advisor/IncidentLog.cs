using Microsoft.Extensions.Logging;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// Logs each incident once when it begins and once when it has ended, so the journal shows what happened during a night. A
/// problem that returns within one minute is the same incident. Kernel parameters and informational findings are not
/// incidents.
/// </summary>
/// <param name="logger">Writes the log.</param>
/// <param name="netns">The network namespace. Empty for the host's own.</param>
internal sealed partial class IncidentLog(ILogger logger, string netns = "")
{
    /// <summary>An incident has ended if nothing of it was seen for this time.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    /// <summary>Listing more listeners than this for one problem adds nothing.</summary>
    private const int MostListeners = 20;

    private readonly Dictionary<(string Name, ListenerIdentity? Listener), Incident> _open = [];

    /// <summary>Records the result of the rules.</summary>
    /// <param name="advice">What the rules said.</param>
    /// <param name="now">Monotonic time.</param>
    public void Observe(Advice advice, TimeSpan now)
    {
        foreach (var found in advice.Findings)
        {
            if (found.Rule.Severity > Severity.Info && !found.Rule.IsSetting)
            {
                Observe(found, now);
            }
        }

        List<(string, ListenerIdentity?)>? ended = null;
        foreach (var (key, incident) in _open)
        {
            if (now - incident.Seen >= Quiet)
            {
                (ended ??= []).Add(key);
            }
        }

        foreach (var key in ended ?? [])
        {
            _open.Remove(key, out var incident);
            End(incident!);
        }
    }

    private static string Duration(TimeSpan time) => time.TotalSeconds < 1 ? "less than a second" : time.TotalHours < 1
        ? time.TotalMinutes < 1 ? $"{(int)time.TotalSeconds} s" : $"{(int)time.TotalMinutes} min {time.Seconds} s"
        : $"{(int)time.TotalHours} h {time.Minutes} min";

    private void Observe(RuleFinding found, TimeSpan now)
    {
        var losses = found.Finding.Losses;
        var listeners = found.Finding.Listeners;
        if (losses.Count > 0)
        {
            foreach (var loss in losses.Take(MostListeners))
            {
                Observe(found, loss.Listener, loss, now);
            }
        }
        else if (listeners.Count > 0)
        {
            foreach (var listener in listeners.Take(MostListeners))
            {
                Observe(found, listener, loss: null, now);
            }
        }
        else
        {
            Observe(found, listener: null, loss: null, now);
        }
    }

    private void Observe(RuleFinding found, ListenerIdentity? listener, Loss? loss, TimeSpan now)
    {
        var key = (found.Rule.Incident, listener);
        var incident = _open.GetValueOrDefault(key) ?? Adopt(key);
        if (incident is null)
        {
            incident = new Incident
            {
                Rule = found.Rule,
                Netns = netns,
                Listener = listener,
                Title = found.Finding.Title,
                Begun = now,
                Moved = now,
                Before = loss is { } first ? first.Total - Math.Min(first.Total, first.Recent) : null,
                Total = loss?.Total ?? 0,
            };
            _open.Add(key, incident);
            Begin(incident);
        }
        else if (found.Rule.Severity > incident.Rule.Severity)
        {
            incident.Rule = found.Rule;
            incident.Title = found.Finding.Title;
            Worsen(incident);
        }

        incident.Moved = loss is null || loss.Value.Total != incident.Total ? now : incident.Moved;
        incident.Total = loss?.Total ?? incident.Total;
        incident.Seen = now;
    }

    /// <summary>Returns an incident that began before its listener was known.</summary>
    private Incident? Adopt((string Name, ListenerIdentity? Listener) key)
    {
        if (key.Listener is null || !_open.TryGetValue((key.Name, null), out var incident) || incident.Before is not null)
        {
            return null;
        }

        _open.Remove((key.Name, null));
        incident.Listener = key.Listener;
        _open.Add(key, incident);
        return incident;
    }

    private void Begin(Incident incident)
    {
        switch (incident)
        {
            case { Listener: not null, Before: not null }:
                LogLossBegan(logger, incident.Rule.Subject, incident.Endpoint, incident.Unit, incident.Count, incident.Tag);
                break;
            case { Listener: not null }:
                LogListenerBegan(logger, incident.Rule.Subject, incident.Endpoint, incident.Unit, incident.Tag);
                break;
            default:
                LogBegan(logger, incident.Title, incident.Tag);
                break;
        }
    }

    private void Worsen(Incident incident)
    {
        switch (incident)
        {
            case { Listener: not null }:
                LogListenerWorse(logger, incident.Rule.Subject, incident.Endpoint, incident.Unit, incident.Tag);
                break;
            default:
                LogWorse(logger, incident.Title, incident.Tag);
                break;
        }
    }

    private void End(Incident incident)
    {
        var duration = Duration(incident.Moved - incident.Begun);
        switch (incident)
        {
            case { Listener: not null, Before: not null }:
                LogLossEnded(logger, duration, incident.Rule.Subject, incident.Endpoint, incident.Unit, incident.Count, incident.Tag);
                break;
            case { Listener: not null }:
                LogListenerEnded(logger, duration, incident.Rule.Subject, incident.Endpoint, incident.Unit, incident.Tag);
                break;
            case { Before: not null }:
                LogEndedCounted(logger, duration, incident.Title, incident.Count, incident.Tag);
                break;
            default:
                LogEnded(logger, duration, incident.Title, incident.Tag);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Incident began: {Subject}: {Listener} ({Unit}), {Lost} lost so far [{Rule}]")]
    private static partial void LogLossBegan(ILogger logger, string subject, string listener, string unit, ulong lost, string rule);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Incident began: {Subject}: {Listener} ({Unit}) [{Rule}]")]
    private static partial void LogListenerBegan(ILogger logger, string subject, string listener, string unit, string rule);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Incident began: {Title} [{Rule}]")]
    private static partial void LogBegan(ILogger logger, string title, string rule);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Incident got worse: {Subject}: {Listener} ({Unit}) [{Rule}]")]
    private static partial void LogListenerWorse(ILogger logger, string subject, string listener, string unit, string rule);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Incident got worse: {Title} [{Rule}]")]
    private static partial void LogWorse(ILogger logger, string title, string rule);

    [LoggerMessage(Level = LogLevel.Information, Message = "Incident ended after {Duration}: {Subject}: {Listener} ({Unit}), {Lost} lost in total [{Rule}]")]
    private static partial void LogLossEnded(ILogger logger, string duration, string subject, string listener, string unit, ulong lost, string rule);

    [LoggerMessage(Level = LogLevel.Information, Message = "Incident ended after {Duration}: {Subject}: {Listener} ({Unit}) [{Rule}]")]
    private static partial void LogListenerEnded(ILogger logger, string duration, string subject, string listener, string unit, string rule);

    [LoggerMessage(Level = LogLevel.Information, Message = "Incident ended after {Duration}: {Title}, {Lost} in total [{Rule}]")]
    private static partial void LogEndedCounted(ILogger logger, string duration, string title, ulong lost, string rule);

    [LoggerMessage(Level = LogLevel.Information, Message = "Incident ended after {Duration}: {Title} [{Rule}]")]
    private static partial void LogEnded(ILogger logger, string duration, string title, string rule);

    private sealed class Incident
    {
        public required IRule Rule { get; set; }

        public required string Netns { get; init; }

        /// <summary>The rule, and the namespace if it is not the host's own.</summary>
        public string Tag => Netns.Length == 0 ? Rule.Id : $"{Rule.Id}, in {Netns}";

        public required ListenerIdentity? Listener { get; set; }

        public required string Title { get; set; }

        public string Endpoint => Listener is null ? "" : Words.Endpoint(Listener);

        public string Unit => Listener is { Unit.Length: > 0 } ? Listener.Unit : "unit unknown";

        public required TimeSpan Begun { get; init; }

        /// <summary>The counter before the incident. Null if nothing is counted.</summary>
        public required ulong? Before { get; init; }

        /// <summary>When its counter last increased, or, if nothing is counted, when it was last seen.</summary>
        public required TimeSpan Moved { get; set; }

        public required ulong Total { get; set; }

        public TimeSpan Seen { get; set; }

        public ulong Count => Total - Math.Min(Total, Before ?? 0);
    }
}
