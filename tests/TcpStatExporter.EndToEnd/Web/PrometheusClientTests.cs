using System.Globalization;
using System.Net;
using System.Text.Json;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>A real Prometheus scrapes over TLS, with a certificate and a password.</summary>
public sealed class PrometheusClientTests
{
    private static readonly IPEndPoint Web = new(IPAddress.Loopback, 9090);

    [Fact]
    public void It_is_up_with_the_right_certificate_and_password_only()
    {
        Requires.Program("prometheus");
        using var ns = NetNamespace.Create();
        using var folder = new TestFolder();
        using var authority = new TestAuthority("authority");
        using var stranger = new TestAuthority("stranger");
        folder.Write("authority.pem", authority.Pem);
        folder.Write("stranger.pem", stranger.Pem);
        folder.Write("server", authority.Server("server"));
        folder.Write("client", authority.Client("prometheus"));
        folder.Write("other", stranger.Client("prometheus"));
        folder.Write(
            SecuredExporter.ConfigName,
            $"""
            tls_server_config:
              cert_file: server.pem
              key_file: server.key
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: authority.pem
              client_allowed_sans: [prometheus]
            basic_auth_users:
              prometheus: {BasicAuthTests.SecretHash}

            """);
        folder.Write(
            "prometheus.yml",
            $"""
            global:
              scrape_interval: 5s
              scrape_timeout: 5s
            scrape_configs:
            {Job("right", "authority", "client", "secret")}
            {Job("wrong_password", "authority", "client", "Secret")}
            {Job("wrong_certificate", "authority", "other", "secret")}
            {Job("wrong_authority", "stranger", "client", "secret")}
            """);
        using var exporter = new SecuredExporter(ns, folder, isTls: true);
        using var prometheus = ns.Start(
            "prometheus",
            [$"--config.file={folder.PathOf("prometheus.yml")}", $"--storage.tsdb.path={folder.PathOf("data")}", $"--web.listen-address={Web}", "--log.level=warn"]);
        using var http = NamespaceHttp.Client(ns, Web);
        http.Timeout = TimeSpan.FromMinutes(1);

        Wait.Until(
            () => prometheus.HasExited ? throw new InvalidOperationException(prometheus.Error) : Query(http, "up").Count == 4 && Query(http, "up")["right"] == 1,
            () => $"up; Prometheus: {prometheus.Error}; exporter: {exporter.Log}",
            TimeSpan.FromSeconds(90),
            TimeSpan.FromMilliseconds(100));

        // and it stays like this, while another one keeps using a wrong password
        Dictionary<string, double> least = [];
        Wait.Until(
            () => (least = Query(http, "min_over_time(up[16s]) and count_over_time(up[16s]) >= 3")) is { Count: 4 } && least["right"] == 1,
            () => $"up three times in a row; {string.Join(' ', least)}; exporter: {exporter.Log}",
            TimeSpan.FromSeconds(90),
            TimeSpan.FromMilliseconds(500));
        least.Values.Sum().ShouldBe(1, "only the right one");
        Query(http, "max_over_time(up[10m])").Values.Sum().ShouldBe(1);
        Query(http, "tcpstat_build_info").Keys.ShouldBe(["right"]);
        prometheus.Dispose();

        static string Job(string name, string authority, string client, string password) =>
            $"""
              - job_name: {name}
                scheme: https
                basic_auth: {"{"} username: prometheus, password: {password} {"}"}
                tls_config: {"{"} ca_file: {authority}.pem, cert_file: {client}.pem, key_file: {client}.key {"}"}
                static_configs:
                  - targets: ["{SecuredExporter.Web}"]
            """;
    }

    /// <summary>Returns the values of an instant query by job. Empty if Prometheus does not answer yet.</summary>
    private static Dictionary<string, double> Query(HttpClient http, string query)
    {
        try
        {
            using var answer = JsonDocument.Parse(http.GetStringAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(query)}", UriKind.Relative)).GetAwaiter().GetResult());
            return answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().ToDictionary(
                series => series.GetProperty("metric").GetProperty("job").GetString()!,
                series => double.Parse(series.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture),
                StringComparer.Ordinal);
        }
        catch (HttpRequestException exception) when (exception.StatusCode is null or HttpStatusCode.ServiceUnavailable)
        {
            return [];
        }
    }
}
