using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Shouldly;
using TcpStatExporter.EndToEnd.Web;
using TcpStatExporter.Tests.Alerts;
using TcpStatExporter.Web;
using Xunit;

namespace TcpStatExporter.Tests.Web;

public sealed class WebConfigFileTests : IDisposable
{
    private const string Hash = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";
    private const string Tls = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";

    private readonly TestFolder _folder = new();
    private readonly TestAuthority _authority = new("authority");

    public WebConfigFileTests()
    {
        _folder.Write("server", _authority.Server("server"));
        _folder.Write("other", _authority.Server("other"));
        _folder.Write("client-ca.pem", _authority.Pem);
        _folder.Write("empty.pem", "");
    }

    public void Dispose()
    {
        _folder.Dispose();
        _authority.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("---\n")]
    [InlineData("{}")]
    [InlineData("tls_server_config:\nhttp_server_config:\nbasic_auth_users: ~\nrate_limit: {}\n")]
    [InlineData("tls_server_config: {}\n")]
    [InlineData("rate_limit:\n  interval: 0\n  burst: 0\n")]
    [InlineData("http_server_config:\n  headers:\n    X-Frame-Options: ''\n    Content-Security-Policy:\n")]
    public void What_asks_for_nothing_changes_nothing(string text)
    {
        var config = Read(text);
        config.Tls.ShouldBeNull();
        config.Users.ShouldBeEmpty();
        config.Headers.ShouldBeEmpty();
        config.RateLimit.ShouldBeNull();
        config.Warnings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("tls_server_confi: 1", "line 1: tls_server_confi: no such key; it may be tls_server_config, http_server_config, basic_auth_users or rate_limit.")]
    [InlineData(Tls + "  min_versoin: TLS12", "line 4: tls_server_config.min_versoin: no such key")]
    [InlineData(Tls + "  min_version: tls12", "line 4: tls_server_config.min_version: 'tls12' is not TLS10, TLS11, TLS12 or TLS13.")]
    [InlineData(Tls + "  max_version: TLS11", "line 4: tls_server_config.max_version: TLS 1.0 and 1.1 are not spoken")]
    [InlineData(Tls + "  min_version: TLS13\n  max_version: TLS12", "line 4: tls_server_config.min_version: it is above max_version.")]
    [InlineData(Tls + "  cipher_suites: [TLS_RSA_WITH_NULL_SHA]", "line 4: tls_server_config.cipher_suites: 'TLS_RSA_WITH_NULL_SHA' is not TLS_AES_128_GCM_SHA256, ")]
    [InlineData(Tls + "  cipher_suites: TLS_AES_128_GCM_SHA256", "line 4: tls_server_config.cipher_suites: a list belongs here")]
    [InlineData(Tls + "  cipher_suites: [[]]", "line 4: tls_server_config.cipher_suites: a list of texts belongs here")]
    [InlineData(Tls + "  curve_preferences: [CurveP25]", "line 4: tls_server_config.curve_preferences: 'CurveP25' is not CurveP256, ")]
    [InlineData(Tls + "  prefer_server_cipher_suites: perhaps", "line 4: tls_server_config.prefer_server_cipher_suites: 'perhaps' is not true or false.")]
    [InlineData(Tls + "  client_auth_type: Everybody", "line 4: tls_server_config.client_auth_type: 'Everybody' is not NoClientCert, ")]
    [InlineData(Tls + "  client_ca_file: client-ca.pem", "line 4: tls_server_config.client_ca_file: it needs a client_auth_type")]
    [InlineData(Tls + "  client_ca_file: empty.pem\n  client_auth_type: RequireAndVerifyClientCert", "line 4: tls_server_config.client_ca_file: there is no certificate in it")]
    [InlineData(Tls + "  client_allowed_sans: [a]", "line 4: tls_server_config.client_allowed_sans: it needs a client_auth_type")]
    [InlineData(Tls + "  client_allowed_sans: []\n  client_auth_type: RequestClientCert", "line 4: tls_server_config.client_allowed_sans: an empty list would let nobody in.")]
    [InlineData(Tls + "  cert: text", "line 2: tls_server_config.cert_file: cert is there as well; one of them is enough.")]
    [InlineData("tls_server_config:\n  min_version: TLS13", "line 1: tls_server_config: cert or cert_file is missing.")]
    [InlineData("tls_server_config:\n  cert_file: ''\n  key_file: server.key", "line 1: tls_server_config: cert or cert_file is missing.")]
    [InlineData("tls_server_config:\n  cert_file: server.pem", "line 1: tls_server_config: key or key_file is missing.")]
    [InlineData("tls_server_config:\n  cert_file: nope.pem\n  key_file: server.key", "line 2: tls_server_config.cert_file: /")]
    [InlineData("tls_server_config:\n  cert_file: empty.pem\n  key_file: server.key", "line 2: tls_server_config.cert_file: there is no certificate in it")]
    [InlineData("tls_server_config:\n  cert_file: server.pem\n  key_file: server.pem", "line 3: tls_server_config.key_file: The key contents")]
    [InlineData("tls_server_config:\n  cert_file: server.pem\n  key_file: other.key", "line 3: tls_server_config.key_file: ")]
    [InlineData("tls_server_config: text", "line 1: tls_server_config: keys and values belong here.")]
    [InlineData("http_server_config:\n  http3: true", "line 2: http_server_config.http3: no such key; it may be http2 or headers.")]
    [InlineData("http_server_config:\n  headers:\n    Server: x", "line 3: http_server_config.headers.Server: no such key; it may be Content-Security-Policy, ")]
    [InlineData("http_server_config:\n  headers:\n    X-Frame-Options: DENY", "line 3: http_server_config.headers.X-Frame-Options: 'DENY' is not deny or sameorigin.")]
    [InlineData("http_server_config:\n  headers:\n    X-XSS-Protection: \"a\\nb\"", "line 3: http_server_config.headers.X-XSS-Protection: a header is one line of ASCII.")]
    [InlineData("basic_auth_users:\n  bob: secret", "line 2: basic_auth_users.bob: this is no bcrypt hash")]
    [InlineData("basic_auth_users:\n  bob:", "line 2: basic_auth_users.bob: this is no bcrypt hash")]
    [InlineData("basic_auth_users:\n  'a:b': " + Hash, "line 2: basic_auth_users.a:b: a user with a colon can never log in")]
    [InlineData("basic_auth_users: [bob]", "line 1: basic_auth_users: keys and values belong here.")]
    [InlineData("rate_limit:\n  interval: fast", "line 2: rate_limit.interval: 'fast' is not a duration such as 100ms or 1s.")]
    [InlineData("rate_limit:\n  interval: 1s\n  burst: -1", "line 3: rate_limit.burst: '-1' is not a number of requests.")]
    [InlineData("rate_limit:\n  interval: 1s", "line 1: rate_limit: with an interval and no burst no request would be let in.")]
    [InlineData("a: 1\na: 2", "line 2: Duplicate key a")]
    [InlineData("a: [", "line ")]
    [InlineData("junk", "line 1: this is not keys and values.")]
    [InlineData("- junk", "line 1: this is not keys and values.")]
    [InlineData("{}\n---\n{}", "line 3: a second document; there may be one.")]
    public void What_is_wrong_is_one_line_with_file_line_and_key(string text, string expected)
    {
        var message = Should.Throw<WebConfigException>(() => Read(text)).Message;
        message.ShouldStartWith(_folder.PathOf("web.yml") + ", " + expected);
        message.ShouldEndWith(".");
        message.ShouldNotContain("\n");
        message.ShouldNotContain("secret");
    }

    [Fact]
    public void The_example_names_every_key_and_is_sound()
    {
        var config = Read(Repository.Read("deploy/examples/web-config.yml"));
        var tls = config.Tls.ShouldNotBeNull();
        tls.EnabledSslProtocols.ShouldBe(SslProtocols.Tls12 | SslProtocols.Tls13);
        tls.ApplicationProtocols.ShouldBe([SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]);
        tls.ClientCertificateRequired.ShouldBeTrue();
        tls.AllowTlsResume.ShouldBeFalse();
        tls.CertificateChainPolicy!.TrustMode.ShouldBe(X509ChainTrustMode.CustomRootTrust);
        tls.CertificateChainPolicy.DisableCertificateDownloads.ShouldBeTrue();
        config.Headers.Count.ShouldBe(5);
        config.Users.Keys.ShouldBe(["prometheus"]);
        config.RateLimit.ShouldNotBeNull();
        config.Warnings.ShouldHaveSingleItem().ShouldContain("curve_preferences");
    }

    [Fact]
    public void Certificates_can_stand_in_the_file_itself()
    {
        var (certificate, key) = _authority.Server("inline");
        var config = Read($"tls_server_config:\n  cert: |\n{Indented(certificate)}\n  key: |\n{Indented(key)}\nhttp_server_config: {{ http2: off }}\n");
        config.Tls!.ServerCertificateContext!.TargetCertificate.Subject.ShouldBe("CN=inline");
        config.Tls.ApplicationProtocols.ShouldBe([SslApplicationProtocol.Http11]);
        config.Tls.ClientCertificateRequired.ShouldBeFalse();

        static string Indented(string pem) => string.Join('\n', pem.Split('\n').Select(line => "    " + line));
    }

    [Fact]
    public void What_has_no_effect_is_a_warning()
    {
        var config = Read(Tls + "  min_version: TLS10\n  prefer_server_cipher_suites: false\n  curve_preferences: [X25519]\n");
        config.Tls!.EnabledSslProtocols.ShouldBe(SslProtocols.Tls12 | SslProtocols.Tls13);
        config.Warnings.Select(warning => warning.Split(':')[0])
            .ShouldBe(["tls_server_config.prefer_server_cipher_suites", "tls_server_config.curve_preferences", "tls_server_config.min_version"], ignoreOrder: true);
    }

    [Fact]
    public void Names_of_all_kinds_are_read_from_a_certificate()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        var request = new CertificateRequest("CN=x", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("host.example");
        names.AddIpAddress(System.Net.IPAddress.Parse("192.0.2.1"));
        names.AddIpAddress(System.Net.IPAddress.Parse("2001:db8::1"));
        names.AddUserPrincipalName("not@one.of.them");
        names.AddEmailAddress("a@example.com");
        names.AddUri(new Uri("spiffe://a/b"));
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now, now.AddDays(1));
        ClientCertificates.Names(certificate).ShouldBe(["host.example", "192.0.2.1", "2001:db8::1", "a@example.com", "spiffe://a/b"], ignoreOrder: true);
    }

    /// <summary>Some editors put one first, in whatever they write.</summary>
    [Fact]
    public void A_byte_order_mark_is_passed_over()
    {
        const string mark = "\uFEFF";
        var (certificate, key) = _authority.Server("marked");
        _folder.Write("marked", (mark + certificate, mark + key));
        _folder.Write("marked-ca.pem", mark + _authority.Pem);
        var config = Read(mark + "tls_server_config:\n  cert_file: marked.pem\n  key_file: marked.key\n  client_ca_file: marked-ca.pem\n"
            + $"  client_auth_type: RequireAndVerifyClientCert\nbasic_auth_users:\n  alice: {Hash}\n");
        config.Tls.ShouldNotBeNull();
        config.Users.Keys.ShouldBe(["alice"]);
        Read(mark).Users.ShouldBeEmpty();
    }

    private WebConfig Read(string text)
    {
        _folder.Write("web.yml", text);
        return new WebConfigFile(_folder.PathOf("web.yml")).Read();
    }
}
