using Shouldly;
using Xunit;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>tls_server_config and http_server_config, with curl(1) as the client.</summary>
public sealed class TlsTests : IDisposable
{
    private const string Server = """
        tls_server_config:
          cert_file: server.pem
          key_file: server.key

        """;

    private readonly NetNamespace _ns = NetNamespace.Create();
    private readonly TestFolder _folder = new();
    private readonly TestAuthority _authority = new("authority");

    public TlsTests()
    {
        _folder.Write("authority.pem", _authority.Pem);
        _folder.Write("server", _authority.Server("server"));
    }

    public void Dispose()
    {
        _ns.Dispose();
        _folder.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public void Only_HTTPS_with_HTTP_1_1_is_served()
    {
        using var exporter = Start(Server);

        var scrape = Ask(exporter, "/metrics");
        (scrape.Status, scrape.HttpVersion).ShouldBe((200, "1.1"), scrape.Talk);
        scrape.Talk.ShouldContain("TLSv1.3");
        scrape.Body.ShouldContain("\ntcpstat_samples_total ");
        var both = Ask(exporter, "/metrics", "--http2");
        (both.Status, both.HttpVersion).ShouldBe((200, "1.1"), "as who offers both gets it");
        Ask(exporter, "/metrics", "--tls-max", "1.2").Status.ShouldBe(200);

        // security level 0, otherwise the client refuses to use it
        Ask(exporter, "/metrics", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0").ExitCode.ShouldBe(35);
        exporter.Curl("/metrics").ExitCode.ShouldBe(60, "nobody signed it whom curl knows");
        using var stranger = new TestAuthority("stranger");
        _folder.Write("stranger.pem", stranger.Pem);
        exporter.Curl("/metrics", "--cacert", _folder.PathOf("stranger.pem")).ExitCode.ShouldBe(60);
        CurlAnswer.Of(_ns, new Uri($"http://{SecuredExporter.Web}/metrics")).Status.ShouldBe(0);
        exporter.Log.ShouldContain($"Listening on https://{SecuredExporter.Web}");
        exporter.Log.ShouldNotContain("   at ");
    }

    [Fact]
    public void Versions_ciphers_and_headers_match_the_configuration()
    {
        using var exporter = Start(
            Server + """
              max_version: TLS12
              cipher_suites:
                - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
                - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
            http_server_config:
              http2: false
              headers:
                X-Frame-Options: sameorigin
                Content-Security-Policy: frame-ancestors 'none'
            """);

        var page = Ask(exporter, "/", "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384");
        (page.Status, page.HttpVersion).ShouldBe((200, "1.1"));
        page.Talk.ShouldContain("TLSv1.2 / ECDHE-ECDSA-AES256-GCM-SHA384", Case.Sensitive, "by the server's order");
        page.Headers.ShouldContain("\r\nX-Frame-Options: sameorigin");
        page.Headers.ShouldContain("\r\nContent-Security-Policy: frame-ancestors 'none'");
        page.Headers.Split("Content-Security-Policy").Length.ShouldBe(2);
        Ask(exporter, "/", "--tlsv1.3").ExitCode.ShouldBe(35);
        Ask(exporter, "/", "--ciphers", "ECDHE-ECDSA-CHACHA20-POLY1305").ExitCode.ShouldBe(35);
        Ask(exporter, "/nowhere").Headers.ShouldContain("\r\nX-Frame-Options: sameorigin");
    }

    [Fact]
    public void Min_version_refuses_older_versions()
    {
        using var exporter = Start(Server + "  min_version: TLS13\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n");

        Ask(exporter, "/metrics", "--tls-max", "1.2").ExitCode.ShouldBe(35);
        Ask(exporter, "/metrics").Talk.ShouldContain("TLSv1.3", Case.Sensitive, "its ciphers are not those of the list");
    }

    [Fact]
    public void OpenSSLs_configuration_sets_the_curves_that_the_file_cannot()
    {
        _folder.Write("openssl.cnf", "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nGroups = P-384\n");
        _folder.Write(SecuredExporter.ConfigName, Server + "  curve_preferences: [CurveP384]\n");
        using var exporter = new SecuredExporter(
            _ns, _folder, isTls: true, new Dictionary<string, string?>(StringComparer.Ordinal) { ["OPENSSL_CONF"] = _folder.PathOf("openssl.cnf") });

        exporter.Log.ShouldContain("tls_server_config.curve_preferences");
        Ask(exporter, "/metrics", "--curves", "X25519").ExitCode.ShouldBe(35);
        Ask(exporter, "/metrics", "--curves", "P-384").Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("NoClientCert", "none,good,stranger,old,server")]
    [InlineData("RequestClientCert", "none,good,stranger,old,server")]
    [InlineData("RequireAnyClientCert", "good,stranger,old,server")]
    [InlineData("VerifyClientCertIfGiven", "none,good")]
    [InlineData("RequireAndVerifyClientCert", "good")]
    public void Client_auth_type_decides_which_clients_are_admitted(string policy, string welcome)
    {
        using var stranger = new TestAuthority("stranger");
        _folder.Write("good", _authority.Client("good"));
        _folder.Write("stranger", stranger.Client("stranger"));
        _folder.Write("old", _authority.Client("old", isOver: true));
        var authority = policy == "NoClientCert" ? "" : "  client_ca_file: authority.pem\n";
        using var exporter = Start($"{Server}  client_auth_type: {policy}\n{authority}");

        var came = ((string[])["none", "good", "stranger", "old", "server"])
            .Where(client => Ask(exporter, "/metrics", client == "none" ? [] : Certificate(client)).Status == 200);

        string.Join(',', came).ShouldBe(welcome);
    }

    [Fact]
    public void An_intermediate_authority_is_trusted_by_itself_and_names_are_matched()
    {
        using var intermediate = _authority.Intermediate("intermediate");
        _folder.Write("intermediate.pem", intermediate.Pem);
        _folder.Write("named", intermediate.Client("prometheus"));
        _folder.Write("other", intermediate.Client("other"));
        _folder.Write("above", _authority.Client("prometheus"));
        using var exporter = Start(
            Server + """
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: intermediate.pem
              client_allowed_sans: ["spiffe://test/prometheus"]
            """);

        Ask(exporter, "/metrics", Certificate("named")).Status.ShouldBe(200, exporter.Log);
        Ask(exporter, "/metrics", Certificate("other")).Status.ShouldBe(0, "another name");
        Ask(exporter, "/metrics", Certificate("above")).Status.ShouldBe(0, "another authority");
    }

    private string[] Certificate(string client) => ["--cert", _folder.PathOf(client + ".pem"), "--key", _folder.PathOf(client + ".key")];

    private CurlAnswer Ask(SecuredExporter exporter, string path, params string[] arguments) =>
        exporter.Curl(path, ["--cacert", _folder.PathOf("authority.pem"), .. arguments]);

    private SecuredExporter Start(string config)
    {
        _folder.Write(SecuredExporter.ConfigName, config);
        return new SecuredExporter(_ns, _folder, isTls: true);
    }
}
