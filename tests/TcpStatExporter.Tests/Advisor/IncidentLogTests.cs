using Microsoft.Extensions.Logging;
using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Tests.Support;
using TcpStatExporter.Tests.View;
using Xunit;

namespace TcpStatExporter.Tests.Advisor;

/// <summary>After a bad night, the log shows what happened and nothing more.</summary>
public sealed class IncidentLogTests
{
    private readonly WatchedHost _host = new();
    private readonly RecordingLogger<IncidentLog> _logger = new();
    private readonly IncidentLog _log;
    private TimeSpan _now;

    public IncidentLogTests() => _log = new IncidentLog(_logger);

    [Fact]
    public void An_incident_is_logged_when_it_begins_and_when_it_has_ended()
    {
        var web = _host.Listen("0.0.0.0", 8080, "web.service", limit: 8);
        Tick(5);
        Tick(200, lost: 7, web);
        _logger.Entries.ShouldBe([(LogLevel.Warning, "Incident began: a listener is losing connections: 0.0.0.0:8080 (web.service), 7 lost so far [listener-dropping]", null)]);
        Tick(130);
        _logger.Entries.Skip(1).ShouldBe(
            [(LogLevel.Information, "Incident ended after 3 min 19 s: a listener is losing connections: 0.0.0.0:8080 (web.service), 1400 lost in total [listener-dropping]", null)]);
    }

    /// <summary>Bursts every half minute all night: one incident, although the severity comes and goes.</summary>
    [Fact]
    public void A_problem_that_returns_within_a_minute_is_the_same_incident()
    {
        var web = _host.Listen("0.0.0.0", 8080, "web.service", limit: 8);
        Tick(5);
        for (var i = 0; i < 40; i++)
        {
            Tick(1, lost: 20, web);
            Tick(29);
        }

        _logger.Entries.ShouldHaveSingleItem();
        Tick(130);
        _logger.Entries.Count.ShouldBe(2);
        _logger.Entries[1].Message.ShouldContain("after 19 min 30 s");
        _logger.Entries[1].Message.ShouldContain("800 lost in total");
    }

    [Fact]
    public void An_incident_that_gets_worse_is_logged_once_more()
    {
        var web = _host.Listen("0.0.0.0", 8080, "web.service", limit: 8);
        Tick(30, opened: 2000);
        Tick(1, lost: 12, web, opened: 2000);
        Tick(5, opened: 2000);
        Tick(5, lost: 900, web, opened: 2000);
        Tick(5, lost: 900, web, opened: 2000);
        _logger.Entries.Select(entry => entry.Message).ShouldBe(
        [
            "Incident began: a listener lost connections in the last minute: 0.0.0.0:8080 (web.service), 12 lost so far [listener-lost-lately]",
            "Incident got worse: a listener is losing connections: 0.0.0.0:8080 (web.service) [listener-dropping]",
        ]);
    }

    [Fact]
    public void Each_listener_has_its_own_incident_but_many_do_not_flood_the_log()
    {
        for (ushort port = 1; port <= 50; port++)
        {
            _host.Listen("0.0.0.0", port, $"unit{port}.service", limit: 8);
        }

        Tick(2);
        for (var i = 0; i < 5; i++)
        {
            _host.Tick(sample =>
            {
                for (var listener = 0; listener < 50; listener++)
                {
                    WatchedHost.Queue(sample, listener, 9, lost: 10);
                }
            });
            Observe();
        }

        _logger.Entries.Count.ShouldBe(20);
        _logger.Entries.Select(entry => entry.Message).ShouldBeUnique(StringComparer.Ordinal);
    }

    [Fact]
    public void Kernel_parameters_and_hints_are_not_incidents()
    {
        _host.Listen("0.0.0.0", 8080, limit: 8);
        _host.Sample.Kernel.Sysctls[Sysctl.TcpSyncookies] = new SysctlValue { Count = 1, First = 0 };
        _host.Sample.Kernel.Sysctls[Sysctl.TcpFinTimeout] = new SysctlValue { Count = 1, First = 5 };
        Tick(200);
        _host.View.Findings!.Count.ShouldBe(2);
        _logger.Entries.ShouldBeEmpty();
    }

    private void Tick(int seconds, uint lost = 0, int listener = 0, ulong opened = 0)
    {
        for (var i = 0; i < seconds; i++)
        {
            _host.Tick(sample =>
            {
                WatchedHost.Queue(sample, listener, lost > 0 ? 3 : 0, lost);
                WatchedHost.Add(sample.Kernel.Snmp, "PassiveOpens", opened);
                sample.Listeners[listener].QueuePeak = 3;
                sample.Listeners[listener].FillRatioPeak = 0.3;
            });
            Observe();
        }
    }

    private void Observe()
    {
        _now += TimeSpan.FromSeconds(1);
        if (_host.Advice is { } advice)
        {
            _log.Observe(advice, _now);
        }
    }
}
