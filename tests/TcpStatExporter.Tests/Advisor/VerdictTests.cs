using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.View;
using Xunit;

namespace TcpStatExporter.Tests.Advisor;

/// <summary>
/// The verdict second by second: it is the worst finding, it appears with the problem, and it disappears with it.
/// </summary>
public sealed class VerdictTests
{
    private readonly WatchedHost _host = new();

    /// <summary>Page, JSON and status line always agree.</summary>
    [Fact]
    public void The_verdict_is_the_worst_finding_at_every_tick()
    {
        var random = new Random(42);
        for (ushort port = 1; port <= 6; port++)
        {
            _host.Listen("10.0.0.1", port, $"unit{port}.service", limit: 8);
        }

        for (var second = 0; second < 600; second++)
        {
            _host.Tick(sample =>
            {
                WatchedHost.Add(sample.Kernel.Snmp, "PassiveOpens", (ulong)random.Next(500));
                for (var i = 0; i < 6; i++)
                {
                    var isFull = random.Next(40) == 0;
                    WatchedHost.Queue(sample, i, isFull ? 9 : random.Next(4), lost: isFull ? (uint)random.Next(30) : 0);
                }
            });
            var view = _host.View;
            if (view.Findings is null)
            {
                continue;
            }

            var worst = view.Findings.Where(found => found.Rule.Severity > Severity.Info).Select(found => found.Finding.Title).FirstOrDefault();
            view.Verdict.Text.ShouldBe(worst ?? "Nothing to worry about");
            (view.Verdict.Level == VerdictLevel.Critical).ShouldBe(view.Findings.Any(found => found.Rule.Severity == Severity.Critical));
            var losing = view.Listeners!.Where(listener => listener.Condition == ListenerCondition.Losing).ToArray();
            losing.ShouldAllBe(listener => view.Findings[0].Finding.Listeners.Contains(listener.Identity));
            (losing.Length > 0).ShouldBe(view.Verdict.Level == VerdictLevel.Critical);
            view.Findings.SelectMany(found => found.Rule.Severity == Severity.Info ? [] : found.Finding.Listeners).ShouldBeUnique();
        }
    }

    [Fact]
    public void A_loss_counts_as_ongoing_for_ten_seconds_and_is_shown_for_a_minute()
    {
        var web = _host.Listen("0.0.0.0", 8080, "web.service", limit: 8);
        var other = _host.Listen("0.0.0.0", 8081, "other.service", limit: 8);
        _host.Tick().Tick(sample =>
        {
            WatchedHost.Queue(sample, web, 9, lost: 4);
            WatchedHost.Queue(sample, other, 9, lost: 5);
        });
        Now().ShouldBe((VerdictLevel.Critical, "0.0.0.0:8081 (other.service) and 1 more are losing connections"));
        After(9).ShouldBe((VerdictLevel.Critical, "0.0.0.0:8081 (other.service) and 1 more are losing connections"));
        After(2).ShouldBe((VerdictLevel.Warning, "The accept queue of 0.0.0.0:8081 (other.service) and 1 more is full"));
        _host.Tick(sample =>
        {
            WatchedHost.Queue(sample, web, 0);
            WatchedHost.Queue(sample, other, 0);
            sample.Listeners[web].FillRatioPeak = sample.Listeners[other].FillRatioPeak = 0;
        });
        Now().ShouldBe((VerdictLevel.Warning, "0.0.0.0:8081 (other.service) and 1 more lost connections in the last minute"));
        After(45).Level.ShouldBe(VerdictLevel.Warning);
        After(15).ShouldBe((VerdictLevel.Good, "Nothing to worry about"));
        _host.View.Verdict.Also.ShouldBe("", "4 and 5 lost are stray ones by now");

        (VerdictLevel Level, string Text) Now() => (_host.View.Verdict.Level, _host.View.Verdict.Text);

        (VerdictLevel Level, string Text) After(int seconds)
        {
            for (var i = 0; i < seconds; i++)
            {
                _host.Tick();
            }

            return Now();
        }
    }

    [Fact]
    public void The_listener_with_the_most_losses_is_named_first()
    {
        _host.Listen("0.0.0.0", 1, "first.service", limit: 8);
        var most = _host.Listen("0.0.0.0", 2, "most.service", limit: 8);
        _host.Tick().Tick(sample =>
        {
            WatchedHost.Queue(sample, 0, 9, lost: 10);
            WatchedHost.Queue(sample, most, 5, lost: 500);
        });
        _host.View.Verdict.Text.ShouldBe("0.0.0.0:2 (most.service) and 1 more are losing connections");
        _host.View.Findings![0].Finding.Lost.ShouldBe(510UL);
    }

    [Fact]
    public void Unattributed_losses_are_reported_as_such()
    {
        _host.Listen("0.0.0.0", 8080);
        _host.Tick().Tick(sample =>
        {
            sample.Unattributed += new LossCounts(0, 0, 30);
            WatchedHost.Add(sample.Kernel.Netstat, "ListenDrops", 30);
        }).View.Verdict.ShouldBe(new Verdict(VerdictLevel.Critical, "An unknown listener is losing connections", ""));
    }

    /// <summary>Losses between the last read of a listener and its end are in the counters, but no socket shows them.</summary>
    [Fact]
    public void Losses_of_a_closing_listener_are_reported_under_its_name()
    {
        var web = _host.Listen("0.0.0.0", 8080, "web.service", limit: 8);
        _host.Tick().Tick(sample => WatchedHost.Queue(sample, web, 9, lost: 40));
        _host.Close(web, TimeSpan.FromHours(2));
        _host.Tick(sample =>
        {
            sample.Unattributed += new LossCounts(400, 0, 0);
            WatchedHost.Add(sample.Kernel.Netstat, "ListenDrops", 400);
        }).Tick().View.Verdict.ShouldBe(new Verdict(VerdictLevel.Critical, "0.0.0.0:8080 (web.service) is losing connections", ""));
        _host.View.Findings!.ShouldHaveSingleItem().Finding.Measured[0].ShouldBe(
            "0.0.0.0:8080 (web.service): lost 40 in 3 s; stopped listening 2 s ago; 400 more were lost when it stopped, most likely here");
    }

    /// <summary>0.06 % of the attempts in one pause: this can wait until the morning.</summary>
    [Fact]
    public void A_few_losses_out_of_very_many_are_not_an_emergency()
    {
        var web = _host.Listen("0.0.0.0", 8080, "web.service", limit: 8);
        for (var i = 0; i < 20; i++)
        {
            _host.Tick(sample => WatchedHost.Add(sample.Kernel.Snmp, "PassiveOpens", 1800));
        }

        _host.Tick(sample => WatchedHost.Queue(sample, web, 3, lost: 11)).View.Verdict
            .ShouldBe(new Verdict(VerdictLevel.Warning, "0.0.0.0:8080 (web.service) lost connections in the last minute", ""));
        _host.View.Findings![0].Finding.Measured[^1].ShouldContain("0 % of the attempts");
    }

    [Fact]
    public void A_SYN_flood_is_reported_within_a_tick_and_over_within_seconds()
    {
        var web = _host.Listen("0.0.0.0", 443, "nginx.service", limit: 511);
        _host.Sample.Kernel.Sysctls[Sysctl.TcpSyncookies] = new SysctlValue { Count = 1, First = 1 };
        _host.Sample.Kernel.Netstat.SetNames(["ListenDrops", "ListenOverflows", "TCPReqQFullDoCookies"]);
        _host.Tick().Tick().View.Verdict.Level.ShouldBe(VerdictLevel.Good);
        _host.Tick(sample =>
        {
            sample.Listeners[web].SynQueueLength = 512;
            sample.Listeners[web].SynQueuePeak = 512;
            WatchedHost.Add(sample.Kernel.Netstat, "TCPReqQFullDoCookies", 5000);
        }).View.Verdict.ShouldBe(new Verdict(VerdictLevel.Warning, "The SYN queue of 0.0.0.0:443 (nginx.service) is full, and the kernel sends SYN cookies", ""));
        _host.View.Listeners![0].Condition.ShouldBe(ListenerCondition.None, "a flood that cookies answer loses nobody");
    }

    [Fact]
    public void Exhausted_ports_are_reported_with_the_sweep_that_saw_them_and_gone_with_the_next()
    {
        _host.Swept(sweep => sweep.PortsLimit = 100).Tick().Tick().View.Verdict.Level.ShouldBe(VerdictLevel.Good);
        _host.Swept(sweep =>
        {
            (sweep.PortsLimit, sweep.ScarcestUnit) = (100, "batch.service");
            sweep.Scarcest = new DestinationPorts(new Destination(Support.Listeners.Ip("10.0.0.1"), Support.Listeners.Ip("10.0.0.2"), 5432), 100, 0, 100);
        }).Tick();
        _host.View.Verdict.ShouldBe(new Verdict(VerdictLevel.Critical, "No ephemeral port is left for 10.0.0.2:5432: batch.service holds most of them", ""));
        _host.Swept(sweep => sweep.PortsLimit = 100).Tick().View.Verdict.Level.ShouldBe(VerdictLevel.Good);
    }

    [Fact]
    public void A_leak_is_over_as_soon_as_the_connections_close()
    {
        for (var i = 0; i < 70; i++)
        {
            _host.Tick(sample =>
            {
                sample.Kernel.States[TcpState.CloseWait] = 300;
                sample.Kernel.Snmp.Values[0] = 400;
            });
        }

        _host.View.Verdict.Text.ShouldBe("An application does not close its connections: at least 300 always in CLOSE_WAIT");
        _host.Tick(sample => sample.Kernel.States[TcpState.CloseWait] = 0).View.Verdict.Level.ShouldBe(VerdictLevel.Good);
    }

    /// <summary>A crash loop: closed, open, closed again. The headline stays the same.</summary>
    [Fact]
    public void A_flapping_listener_keeps_one_headline()
    {
        _host.Listen("0.0.0.0", 8080, "web.service");
        _host.Tick().Tick();
        var closed = new ClosedListener { Listened = TimeSpan.FromSeconds(4) };
        var titles = new List<string>();
        for (var second = 0; second < 60; second++)
        {
            _host.Tick(sample =>
            {
                WatchedHost.Add(sample.Kernel.Snmp, "OutRsts", 20);
                if (second % 8 == 0)
                {
                    closed.Last = sample.Listeners[0];
                    closed.LastSeen = sample.ListenersAt;
                    sample.Listeners.Clear();
                    sample.Closed.Add(closed);
                }
                else if (second % 8 == 4)
                {
                    closed.Last.Openings++;
                    sample.Closed.Clear();
                    sample.Listeners.Add(closed.Last);
                }
            });
            titles.Add(_host.View.Verdict.Text);
        }

        titles.Skip(25).Distinct(StringComparer.Ordinal).ShouldBe(["0.0.0.0:8080 (web.service) keeps stopping and starting, and clients are refused"]);
    }

    [Fact]
    public void A_service_that_stopped_is_reported_while_clients_still_try()
    {
        var web = _host.Listen("0.0.0.0", 8080, "web.service");
        for (var i = 0; i < 30; i++)
        {
            _host.Tick(sample => WatchedHost.Add(sample.Kernel.Snmp, "OutRsts", 1));
        }

        _host.Close(web, TimeSpan.FromHours(1));
        for (var i = 0; i < 30; i++)
        {
            _host.Tick(sample => WatchedHost.Add(sample.Kernel.Snmp, "OutRsts", 1));
        }

        _host.View.Verdict.Level.ShouldBe(VerdictLevel.Good, "a scan that was there before is no client of it");
        for (var i = 0; i < 10; i++)
        {
            _host.Tick(sample => WatchedHost.Add(sample.Kernel.Snmp, "OutRsts", 10));
        }

        _host.View.Verdict.ShouldBe(new Verdict(VerdictLevel.Warning, "0.0.0.0:8080 (web.service) stopped listening 40 s ago, and clients are refused", ""), "a deployment may take a minute");
        for (var i = 0; i < 140; i++)
        {
            _host.Tick(sample => WatchedHost.Add(sample.Kernel.Snmp, "OutRsts", 10));
        }

        _host.View.Verdict.ShouldBe(new Verdict(VerdictLevel.Critical, "0.0.0.0:8080 (web.service) stopped listening 3 min ago, and clients are refused", ""));
        for (var i = 0; i < 12; i++)
        {
            _host.Tick();
        }

        _host.View.Verdict.Level.ShouldBe(VerdictLevel.Good, "nobody asks for it any more");
    }

    [Fact]
    public void Clients_cut_off_at_once_are_reported_unless_they_are_back_or_closed_normally()
    {
        Steady(1000);
        Drop(to: 20, resets: 980);
        _host.View.Verdict.ShouldBe(new Verdict(VerdictLevel.Warning, "980 of 1,000 connections were cut off at once and did not come back", ""), "and its resets are not told twice");
        Steady(1000, seconds: 90);
        _host.View.Verdict.Level.ShouldBe(VerdictLevel.Good, "they are back");

        Steady(1000, seconds: 310);
        Drop(to: 20, resets: 0);
        _host.View.Verdict.Level.ShouldBe(VerdictLevel.Good, "a long job closed them in order");

        Steady(20, seconds: 310);
        Steady(1000);
        Drop(to: 20, resets: 980, aborted: 980);
        _host.View.Verdict.Text.ShouldEndWith("connections a second end with a reset", Case.Sensitive, "this host aborted them itself");

        Steady(20, seconds: 310);
        Steady(1000, seconds: 20);
        Drop(to: 20, resets: 980);
        _host.View.Verdict.Text.ShouldNotContain("cut off", Case.Sensitive, "a load test of 20 s");

        void Steady(ulong connections, int seconds = 90)
        {
            for (var i = 0; i < seconds; i++)
            {
                _host.Tick(sample => sample.Kernel.Snmp.Values[0] = connections);
            }
        }

        void Drop(ulong to, ulong resets, ulong aborted = 0)
        {
            for (var i = 0; i < 14; i++)
            {
                _host.Tick(sample =>
                {
                    sample.Kernel.Snmp.Values[0] = to;
                    WatchedHost.Add(sample.Kernel.Snmp, "EstabResets", i == 0 ? resets : 0);
                    WatchedHost.Add(sample.Kernel.Netstat, "TCPAbortOnData", i == 0 ? aborted : 0);
                });
            }
        }
    }
}
