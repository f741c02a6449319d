using System.Text;
using System.Text.Json;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>How many notifications Alertmanager sends for many alerts, with the shipped routes.</summary>
public sealed class NotificationTests
{
    /// <summary>A broken switch takes down twenty exporters, then the host of another alert.</summary>
    [Fact]
    public void Twenty_exporters_that_are_down_send_one_notification()
    {
        using var ns = NetNamespace.Create();
        using var receiver = new WebhookReceiver(ns);
        using var alertmanager = AlertmanagerProcess.Start(ns, Shipped.Alertmanager, receiver.Address, TimeScale.Laboratory);
        using var http = NamespaceHttp.Client(ns, AlertmanagerProcess.Web);

        Fire(Enumerable.Range(1, 20).Select(host => Labels("TcpStatExporterDown", host)));
        Wait.Until(() => receiver.Received.Count == 20, () => $"all are told; {alertmanager.Log}", TimeSpan.FromMinutes(1));

        // another alert waits longer than the group interval of the first
        Fire([Labels("TcpTimeoutsHigh", host: 21), Labels("TcpTimeoutsHigh", host: 22)]);
        Wait.Until(() => receiver.Received.Count == 22, () => $"so are the others; {alertmanager.Log}", TimeSpan.FromMinutes(1));

        receiver.Notifications.Select(alerts => $"{alerts.Count} {alerts[0].Name} to {alerts[0].Route}").Order(StringComparer.Ordinal)
            .ShouldBe(["1 TcpTimeoutsHigh to ticket", "1 TcpTimeoutsHigh to ticket", "20 TcpStatExporterDown to ticket"]);

        void Fire(IEnumerable<object> labels)
        {
            using var body = new StringContent(JsonSerializer.Serialize(labels.Select(set => new { labels = set, endsAt = DateTimeOffset.UtcNow.AddHours(1) })), Encoding.UTF8, "application/json");
            using var answer = http.PostAsync(new Uri("/api/v2/alerts", UriKind.Relative), body).GetAwaiter().GetResult();
            answer.IsSuccessStatusCode.ShouldBeTrue();
        }
    }

    private static object Labels(string alert, int host) =>
        new { alertname = alert, severity = "warning", job = "tcpstat", instance = $"web{host}:10006" };
}
