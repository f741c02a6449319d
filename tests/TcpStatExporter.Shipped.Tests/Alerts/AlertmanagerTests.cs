using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Shouldly;
using TcpStatExporter.Shipped.Tests.Deploy;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Alerts;

/// <summary>Where the shipped Alertmanager configuration sends alerts, and which alerts silence others.</summary>
public sealed partial class AlertmanagerTests
{
    private const string Listener = "job=tcpstat instance=web1 address=0.0.0.0 port=80 unit=nginx.service";
    private const string OtherListener = "job=tcpstat instance=web1 address=0.0.0.0 port=443 unit=nginx.service";
    private const string Host = "job=tcpstat instance=web1";
    private const string OtherHost = "job=tcpstat instance=web2";
    private const string SameNameElsewhere = "cluster=b job=tcpstat instance=web1";

    private static readonly JsonNode Configuration = Yaml.Read("deploy/alertmanager/alertmanager.yml");

    /// <summary>Prometheus, Alertmanager, Alertmanager's gossip and the exporter listen on these ports by default.</summary>
    [Fact]
    public void No_webhook_uses_a_port_of_another_program()
    {
        var webhooks = Configuration.Items("receivers").SelectMany(receiver => receiver.Items("webhook_configs")).Select(webhook => new Uri(webhook.Text("url"))).ToArray();

        webhooks.Length.ShouldBe(2);
        foreach (var webhook in webhooks)
        {
            webhook.Port.ShouldNotBeOneOf(9090, 9093, 9094, 10006);
            Repository.Read("deploy/compose/compose.yml").ShouldContain($"it sends to webhooks at {webhook.Authority},");
        }
    }

    /// <summary>
    /// TcpListenerStuckWorker silences TcpAcceptQueueFilling, and fires two minutes and about one evaluation later.
    /// </summary>
    [Fact]
    public void A_ticket_waits_longer_than_the_stuck_worker_alert_takes_to_fire()
    {
        var stuck = RuleFile.Load().Alerts.Single(rule => rule.Alert == "TcpListenerStuckWorker" && rule.Labels["severity"] == "warning");

        stuck.For.ShouldBe("2m");
        Configuration.Text("route", "group_wait").ShouldBe("3m");
    }

    [Theory]
    [InlineData("TcpListenerStuckWorker warning", Listener, "TcpAcceptQueueFilling warning", Listener, true)]
    [InlineData("TcpListenerStuckWorker warning", Listener, "TcpAcceptQueueFilling warning", OtherListener, false)]
    [InlineData("TcpListenerDroppingConnections critical", Listener, "TcpAcceptQueueFilling warning", Listener, true)]
    [InlineData("TcpListenerDroppingConnections critical", Listener, "TcpAcceptQueueOverflow critical", Host, true)]
    [InlineData("TcpListenerDroppingConnections critical", Listener, "TcpAcceptQueueOverflow critical", OtherHost, false)]
    [InlineData("TcpListenerDroppingConnections critical", Listener, "TcpAcceptQueueOverflow critical", SameNameElsewhere, false)]
    [InlineData("TcpListenerDroppingConnections critical", Listener, "TcpAcceptQueueFilling warning", Listener + " device=eth0", false)]
    [InlineData("TcpListenerDroppingConnections warning", Listener, "TcpAcceptQueueFilling warning", Listener, true)]
    [InlineData("TcpListenerDroppingConnections critical", Listener, "TcpListenerDroppingConnections critical", OtherListener, false)]
    [InlineData("TcpSynQueueOverflow warning", Listener, "TcpSynQueueOverflow warning", Host, true)]
    [InlineData("TcpSynQueueOverflow warning", Host, "TcpSynQueueOverflow warning", Listener, false)]
    [InlineData("TcpSynQueueOverflow warning", Listener, "TcpSynQueueOverflow warning", OtherHost, false)]
    [InlineData("TcpSynQueueOverflow warning", Listener, "TcpSynQueueOverflow warning", Host + " netns=shop", false)]
    [InlineData("TcpSynQueueOverflow warning", Listener, "TcpSynQueueOverflow warning", OtherListener, false)]
    [InlineData("TcpSynQueueOverflow critical", Listener, "TcpSynQueueOverflow critical", Host, true)]
    [InlineData("TcpSynQueueOverflow warning", Listener, "TcpSynQueueOverflow critical", Host, false)]
    [InlineData("TcpTimeoutsHigh warning", Host, "TcpRetransmissionsHigh warning", Host, true)]
    [InlineData("TcpTimeoutsHigh warning", Host, "TcpRetransmissionsHigh warning", OtherHost, false)]
    [InlineData("TcpRetransmissionsHigh warning", Host, "TcpTimeoutsHigh warning", Host, false)]
    [InlineData("TcpConnectUnanswered critical", Host, "TcpConnectUnanswered warning", Host + " destination=10.0.0.2:5432 unit=shop.service", true)]
    [InlineData("TcpConnectUnanswered warning", Host + " destination=10.0.0.2:5432 unit=shop.service", "TcpConnectFailuresHigh warning", Host, true)]
    [InlineData("TcpConntrackTableFull warning", Host, "TcpConntrackTableNearLimit warning", Host, true)]
    [InlineData("TcpConntrackTableFull warning", Host, "TcpConntrackTableNearLimit warning", Host + " netns=shop", false)]
    [InlineData("TcpConntrackTableFull critical", Host, "TcpConnectUnanswered critical", Host, true)]
    [InlineData("TcpConntrackTableFull warning", Host, "TcpConnectUnanswered critical", Host, false)]
    [InlineData("TcpListenerGone critical", Listener, "TcpConnectionsLost warning", OtherListener, true)]
    [InlineData("TcpListenerGone critical", Listener, "TcpConnectionsLost warning", SameNameElsewhere, false)]
    [InlineData("TcpStatExporterDown warning", Host, "TcpTimeoutsHigh warning", SameNameElsewhere, false)]
    [InlineData("TcpReceiveQueueDrops warning", Host, "TcpRetransmissionsHigh warning", Host, false)] // its peers retransmit, not this host
    public void The_cause_silences_its_consequences(string source, string sourceLabels, string target, string targetLabels, bool isSilenced)
    {
        var (from, to) = (Labels(source, sourceLabels), Labels(target, targetLabels));

        Configuration.Items("inhibit_rules").Any(rule =>
            Match(rule.Items("source_matchers"), from)
            && Match(rule.Items("target_matchers"), to)
            && rule.Items("equal").All(label => Value(from, label.ToString()) == Value(to, label.ToString())))
            .ShouldBe(isSilenced);
    }

    /// <summary>A broken switch takes down twenty exporters: one ticket.</summary>
    [Fact]
    public void Exporters_of_a_job_that_are_down_send_one_notification()
    {
        var route = Configuration.Items("route", "routes").Single(route => route.Items("matchers").Any(matcher => matcher.ToString().StartsWith("alertname", StringComparison.Ordinal)));

        Match(route.Items("matchers"), Labels("TcpStatExporterDown warning", Host)).ShouldBeTrue();
        Match(route.Items("matchers"), Labels("TcpTimeoutsHigh warning", Host)).ShouldBeFalse();
        route.Items("group_by").Select(label => label.ToString()).ShouldBe(["alertname", "cluster", "job"]);
        Configuration.Items("route", "group_by").Select(label => label.ToString()).ShouldBe(["alertname", "cluster", "job", "instance"]);
    }

    private static Dictionary<string, string> Labels(string alert, string labels) =>
        $"alertname={alert.Replace(" ", " severity=", StringComparison.Ordinal)} {labels}".Split(' ')
            .Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    /// <summary>For Alertmanager, a missing label is an empty one.</summary>
    private static string Value(Dictionary<string, string> labels, string name) => labels.GetValueOrDefault(name, "");

    private static bool Match(IEnumerable<JsonNode> matchers, Dictionary<string, string> labels) => matchers.All(text =>
    {
        var matcher = Matcher().Match(text.ToString());
        matcher.Success.ShouldBeTrue(text.ToString());
        var (value, expected) = (Value(labels, matcher.Groups["name"].Value), matcher.Groups["value"].Value);
        return matcher.Groups["operator"].Value switch
        {
            "=" => value == expected,
            "!=" => value != expected,
            "=~" => Regex.IsMatch(value, $"^(?:{expected})$", RegexOptions.None, TimeSpan.FromMinutes(1)),
            _ => !Regex.IsMatch(value, $"^(?:{expected})$", RegexOptions.None, TimeSpan.FromMinutes(1)),
        };
    });

    [GeneratedRegex("^(?<name>[a-z]+)(?<operator>=~|!~|!=|=)\"(?<value>[^\"]*)\"$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Matcher();
}
