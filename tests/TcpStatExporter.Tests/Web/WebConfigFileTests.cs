using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Shouldly;
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
    public void An_empty_configuration_changes_nothing(string text)
    {
        var config = Read(text);
        config.Tls.ShouldBeNull();
        config.Users.ShouldBeEmpty();
        config.Headers.ShouldBeEmpty();
        config.RateLimit.ShouldBeNull();
        config.Warnings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("tls_server_confi: 1", "line 1: tls_server_confi: unknown key; valid keys: tls_server_config, http_server_config, basic_auth_users, rate_limit.")]
    [InlineData(Tls + "  min_versoin: TLS12", "line 4: tls_server_config.min_versoin: unknown key")]
    [InlineData(Tls + "  min_version: tls12", "line 4: tls_server_config.min_version: 'tls12' is not TLS10, TLS11, TLS12 or TLS13.")]
    [InlineData(Tls + "  max_version: TLS11", "line 4: tls_server_config.max_version: TLS 1.0 and 1.1 are not supported")]
    [InlineData(Tls + "  min_version: TLS13\n  max_version: TLS12", "line 4: tls_server_config.min_version: it is above max_version.")]
    [InlineData(Tls + "  cipher_suites: [TLS_RSA_WITH_NULL_SHA]", "line 4: tls_server_config.cipher_suites: 'TLS_RSA_WITH_NULL_SHA' is not TLS_AES_128_GCM_SHA256, ")]
    [InlineData(Tls + "  cipher_suites: TLS_AES_128_GCM_SHA256", "line 4: tls_server_config.cipher_suites: expected a list")]
    [InlineData(Tls + "  cipher_suites: [[]]", "line 4: tls_server_config.cipher_suites: expected a list of texts")]
    [InlineData(Tls + "  curve_preferences: [CurveP25]", "line 4: tls_server_config.curve_preferences: 'CurveP25' is not CurveP256, ")]
    [InlineData(Tls + "  prefer_server_cipher_suites: perhaps", "line 4: tls_server_config.prefer_server_cipher_suites: 'perhaps' is not true or false.")]
    [InlineData(Tls + "  client_auth_type: Everybody", "line 4: tls_server_config.client_auth_type: 'Everybody' is not NoClientCert, ")]
    [InlineData(Tls + "  client_ca_file: client-ca.pem", "line 4: tls_server_config.client_ca_file: it needs a client_auth_type")]
    [InlineData(Tls + "  client_ca_file: empty.pem\n  client_auth_type: RequireAndVerifyClientCert", "line 4: tls_server_config.client_ca_file: it contains no certificate")]
    [InlineData(Tls + "  client_allowed_sans: [a]", "line 4: tls_server_config.client_allowed_sans: it needs a client_auth_type")]
    [InlineData(Tls + "  client_allowed_sans: []\n  client_auth_type: RequestClientCert", "line 4: tls_server_config.client_allowed_sans: the list is empty, so no client would be admitted.")]
    [InlineData(Tls + "  cert: text", "line 2: tls_server_config.cert_file: cert is set too: use only one of them.")]
    [InlineData("tls_server_config:\n  min_version: TLS13", "line 1: tls_server_config: cert or cert_file is missing.")]
    [InlineData("tls_server_config:\n  cert_file: ''\n  key_file: server.key", "line 1: tls_server_config: cert or cert_file is missing.")]
    [InlineData("tls_server_config:\n  cert_file: server.pem", "line 1: tls_server_config: key or key_file is missing.")]
    [InlineData("tls_server_config:\n  cert_file: nope.pem\n  key_file: server.key", "line 2: tls_server_config.cert_file: /")]
    [InlineData("tls_server_config:\n  cert_file: empty.pem\n  key_file: server.key", "line 2: tls_server_config.cert_file: it contains no certificate")]
    [InlineData("tls_server_config:\n  cert_file: server.pem\n  key_file: server.pem", "line 3: tls_server_config.key_file: The key contents")]
    [InlineData("tls_server_config:\n  cert_file: server.pem\n  key_file: other.key", "line 3: tls_server_config.key_file: ")]
    [InlineData("tls_server_config: text", "line 1: tls_server_config: expected keys and values.")]
    [InlineData("http_server_config:\n  http3: true", "line 2: http_server_config.http3: unknown key; valid keys: http2, headers.")]
    [InlineData("http_server_config:\n  headers:\n    Server: x", "line 3: http_server_config.headers.Server: unknown key; valid keys: Content-Security-Policy, ")]
    [InlineData("http_server_config:\n  headers:\n    X-Frame-Options: DENY", "line 3: http_server_config.headers.X-Frame-Options: 'DENY' is not deny or sameorigin.")]
    [InlineData("http_server_config:\n  headers:\n    X-XSS-Protection: \"a\\nb\"", "line 3: http_server_config.headers.X-XSS-Protection: a header is one line of ASCII.")]
    [InlineData("basic_auth_users:\n  bob: secret", "line 2: basic_auth_users.bob: not a bcrypt hash")]
    [InlineData("basic_auth_users:\n  bob:", "line 2: basic_auth_users.bob: not a bcrypt hash")]
    [InlineData("basic_auth_users:\n  'a:b': " + Hash, "line 2: basic_auth_users.a:b: a user with a colon can never log in")]
    [InlineData("basic_auth_users: [bob]", "line 1: basic_auth_users: expected keys and values.")]
    [InlineData("rate_limit:\n  interval: fast", "line 2: rate_limit.interval: 'fast' is not a duration such as 100ms or 1s.")]
    [InlineData("rate_limit:\n  interval: 1s\n  burst: -1", "line 3: rate_limit.burst: '-1' is not a number of requests.")]
    [InlineData("rate_limit:\n  interval: 1s", "line 1: rate_limit: burst is 0, so no request would be admitted.")]
    [InlineData("rate_limit: { interval: 10000h, burst: 2000000000 }", "line 1: rate_limit: interval times burst is more than a hundred years")]
    [InlineData("basic_auth_users:\n  bob: $2y$15$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG", "line 2: basic_auth_users.bob: a cost of 15 makes each check take seconds or more; the maximum is 14")]
    [InlineData("basic_auth_users:\n  bob: $2y$31$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG", "line 2: basic_auth_users.bob: a cost of 31 ")]
    [InlineData("basic_auth_users:\n  !a bob: " + Hash + "\n  !b bob: " + Hash, "line 2: tags ")]
    [InlineData("tls_server_config:\n  cert_file: \"a\\0b\"\n  key_file: server.key", "line 2: tls_server_config.cert_file: a path cannot contain a NUL.")]
    [InlineData("tls_server_config:\n  cert_file: server.pem\n  key_file: \"\\0\"", "line 3: tls_server_config.key_file: a path cannot contain a NUL.")]
    [InlineData("\"\\e[31m\\u2028\": 1", "line 1:  [31m : unknown key")]
    [InlineData("a: 1\na: 2", "line 2: a: duplicate key.")]
    [InlineData("a: [", "line ")]
    [InlineData("junk", "line 1: expected keys and values.")]
    [InlineData("- junk", "line 1: expected keys and values.")]
    [InlineData("{}\n---\n{}", "line 2: more than one document.")]
    public void An_error_is_one_line_with_file_line_and_key(string text, string expected)
    {
        var message = Should.Throw<WebConfigException>(() => Read(text)).Message;
        message.ShouldStartWith(_folder.PathOf("web.yml") + ", " + expected);
        message.ShouldEndWith(".");
        message.ShouldNotContain("\n");
        message.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("cert", "Ed25519")]
    [InlineData("cert_file", "Ed25519")]
    public void An_unsupported_key_is_reported_with_the_supported_ones(string key, string kind)
    {
        // openssl req -x509 -newkey ed25519 -nodes -subj /CN=localhost
        const string Certificate = """
            -----BEGIN CERTIFICATE-----
            MIIBPjCB8aADAgECAhQPGjGeLvqxQrOVir+1IJUMudvNeDAFBgMrZXAwFDESMBAG
            A1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNzA5NTgxOVoYDzIxMjYxMTAzMDk1ODE5
            WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwKjAFBgMrZXADIQCT52GE5mae8WNmo9yp
            9aoGrOEzcZ9cAqKGlKKnJC/G/KNTMFEwHQYDVR0OBBYEFHozU5OoY9KwR24I3+Np
            7W/dAL+0MB8GA1UdIwQYMBaAFHozU5OoY9KwR24I3+Np7W/dAL+0MA8GA1UdEwEB
            /wQFMAMBAf8wBQYDK2VwA0EA2HwPZ0E/lHPlRQ7uvvvyTp0p3QA163Y8Ryraqa2B
            M4NnlPa3RJukSJc81R4JjYEfAbFpGI0e8PDJX74i4ippAQ==
            -----END CERTIFICATE-----
            """;
        const string Key = """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEIB5Kby6F2aFQs4K9pBNpe7hGbXjWo/etB76ZUHml/G4P
            -----END PRIVATE KEY-----
            """;
        _folder.Write("ed", (Certificate, Key));
        var value = key == "cert" ? "|\n" + string.Join('\n', Certificate.Split('\n').Select(line => "    " + line)) : "ed.pem";
        var message = Should.Throw<WebConfigException>(() => Read($"tls_server_config:\n  {key}: {value}\n  key_file: ed.key\n")).Message;
        message.ShouldContain($", line 2: tls_server_config.{key}: its key is {kind}; only RSA and ECDSA are supported.");
    }

    [Fact]
    public void RSA_and_ECDSA_are_supported()
    {
        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        var request = new CertificateRequest("CN=rsa", rsa, System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now, now.AddDays(1));
        _folder.Write("rsa", (certificate.ExportCertificatePem(), rsa.ExportPkcs8PrivateKeyPem()));
        Read("tls_server_config: { cert_file: rsa.pem, key_file: rsa.key }").Tls!.ServerCertificateContext!.TargetCertificate.Subject.ShouldBe("CN=rsa");
        Read(Tls).Tls!.ServerCertificateContext!.TargetCertificate.Subject.ShouldBe("CN=server");
    }

    [Fact]
    public void Long_messages_are_cut_off()
    {
        var message = Should.Throw<WebConfigException>(() => Read(Tls + $"  min_version: {new string('x', 500_000)}\n")).Message;
        message.Length.ShouldBeLessThan(1100);
        message.ShouldEndWith("... (cut off).");
    }

    [Fact]
    public void A_rate_limit_of_a_hundred_years_admits_its_burst()
    {
        var bucket = Read("rate_limit: { interval: 1h, burst: 1000000 }").RateLimit.ShouldNotBeNull();
        Enumerable.Range(0, 1_000_000).ShouldAllBe(_ => bucket.TryTake(TimeSpan.FromDays(3650)));
        bucket.TryTake(TimeSpan.FromDays(3650)).ShouldBeFalse();
    }

    [Fact]
    public void The_example_has_every_key_and_is_valid()
    {
        var config = Read(Repository.Read("deploy/examples/web-config.yml"));
        var tls = config.Tls.ShouldNotBeNull();
        tls.EnabledSslProtocols.ShouldBe(SslProtocols.Tls12 | SslProtocols.Tls13);
        tls.ApplicationProtocols.ShouldBe([SslApplicationProtocol.Http11]);
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
    public void Certificates_can_be_in_the_file_itself()
    {
        var (certificate, key) = _authority.Server("inline");
        var config = Read($"tls_server_config:\n  cert: |\n{Indented(certificate)}\n  key: |\n{Indented(key)}\nhttp_server_config: {{ http2: off }}\n");
        config.Tls!.ServerCertificateContext!.TargetCertificate.Subject.ShouldBe("CN=inline");
        config.Tls.ClientCertificateRequired.ShouldBeFalse();

        static string Indented(string pem) => string.Join('\n', pem.Split('\n').Select(line => "    " + line));
    }

    [Fact]
    public void Settings_without_effect_are_warnings()
    {
        var config = Read(Tls + "  min_version: TLS10\n  prefer_server_cipher_suites: false\n  curve_preferences: [X25519]\nhttp_server_config: { http2: true }\n");
        config.Tls!.EnabledSslProtocols.ShouldBe(SslProtocols.Tls12 | SslProtocols.Tls13);
        config.Warnings.Select(warning => warning.Split(':')[0])
            .ShouldBe(["tls_server_config.prefer_server_cipher_suites", "tls_server_config.curve_preferences", "tls_server_config.min_version", "http_server_config.http2"], ignoreOrder: true);
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

    /// <summary>Some editors put one at the start of every file.</summary>
    [Fact]
    public void A_byte_order_mark_is_ignored()
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
