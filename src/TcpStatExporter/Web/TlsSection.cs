using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using TcpStatExporter.Host;

namespace TcpStatExporter.Web;

/// <summary>
/// <c>tls_server_config</c>. The format was made for Go's TLS. This is different here:
/// <list type="bullet">
/// <item>TLS 1.0 and 1.1 are not supported (RFC 8996). As <c>min_version</c> they mean TLS 1.2, with a warning. As
/// <c>max_version</c> they are an error.</item>
/// <item><c>cipher_suites</c> are used in their order, and <c>prefer_server_cipher_suites</c> is always true, as in Go since
/// 1.17.</item>
/// <item><c>curve_preferences</c> cannot be set by a program on this runtime. They are validated, and a warning says that
/// OpenSSL's own configuration can set them.</item>
/// <item>A section without a certificate is always an error. Go serves HTTP without TLS if the section only has versions and
/// ciphers.</item>
/// <item><c>client_allowed_sans</c> without a <c>client_auth_type</c> that requests a certificate is an error, because
/// nothing would use the list.</item>
/// <item>Only HTTP/1.1 is offered. <c>http2: true</c> in <c>http_server_config</c> is accepted with a warning.</item>
/// </list>
/// </summary>
/// <param name="folder">Base of relative paths.</param>
/// <param name="files">Receives the files that are read.</param>
/// <param name="warnings">Receives a warning for each setting without its usual effect.</param>
internal sealed class TlsSection(string folder, ICollection<WatchedFile> files, ICollection<string> warnings)
{
    // public key algorithms of certificates (RFC 8017, 5480, 8410)
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string EllipticCurve = "1.2.840.10045.2.1";

    private static readonly Dictionary<string, string> KeyNames = new(StringComparer.Ordinal)
    {
        ["1.3.101.112"] = "Ed25519",
        ["1.3.101.113"] = "Ed448",
        ["1.2.840.113549.1.1.10"] = "RSASSA-PSS",
        ["1.2.840.10040.4.1"] = "DSA",
    };

    private static readonly Version Tls12 = new(1, 2);
    private static readonly Version Tls13 = new(1, 3);

    private static readonly string[] Keys =
    [
        "cert", "cert_file", "key", "key_file", "client_auth_type", "client_ca", "client_ca_file", "client_allowed_sans",
        "min_version", "max_version", "cipher_suites", "prefer_server_cipher_suites", "curve_preferences",
    ];

    private static readonly Dictionary<string, ClientAuthPolicy> Policies = new(StringComparer.Ordinal)
    {
        ["NoClientCert"] = ClientAuthPolicy.NoClientCert,
        ["RequestClientCert"] = ClientAuthPolicy.RequestClientCert,
        ["RequireAnyClientCert"] = ClientAuthPolicy.RequireAnyClientCert,
        ["RequireClientCert"] = ClientAuthPolicy.RequireAnyClientCert, // its name in old files
        ["VerifyClientCertIfGiven"] = ClientAuthPolicy.VerifyClientCertIfGiven,
        ["RequireAndVerifyClientCert"] = ClientAuthPolicy.RequireAndVerifyClientCert,
    };

    private static readonly Dictionary<string, Version> Versions = new(StringComparer.Ordinal)
    {
        ["TLS10"] = new(1, 0),
        ["TLS11"] = new(1, 1),
        ["TLS12"] = Tls12,
        ["TLS13"] = Tls13,
    };

    private static readonly string[] Curves = ["CurveP256", "CurveP384", "CurveP521", "X25519"];

    private static readonly TlsCipherSuite[] Tls13Suites =
        [TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256];

    /// <summary>Go's tls.CipherSuites(): besides those of TLS 1.3, only suites with forward secrecy.</summary>
    private static readonly Dictionary<string, TlsCipherSuite> Suites = ((TlsCipherSuite[])
    [
        .. Tls13Suites,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    ]).ToDictionary(suite => suite.ToString(), StringComparer.Ordinal);

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section.</param>
    /// <returns>The options for every handshake. Null for a section without keys: no TLS.</returns>
    /// <exception cref="WebConfigException">The section is invalid.</exception>
    public SslServerAuthenticationOptions? Read(YamlEntry section)
    {
        var entries = section.Entries().ToDictionary(entry => entry.Key, StringComparer.Ordinal);
        if (entries.Values.FirstOrDefault(entry => !Keys.Contains(entry.Key, StringComparer.Ordinal)) is { } unknown)
        {
            throw unknown.Unknown(Keys);
        }

        if (entries.Count == 0)
        {
            return null;
        }

        HomeFolder.Ensure();
        var certificate = Certificate(section, Pem(entries, "cert"), Pem(entries, "key"));
        var clients = Clients(entries);
        WarnOfOrderAndCurves(entries);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate,
            EnabledSslProtocols = Protocols(entries),
            CipherSuitesPolicy = entries.GetValueOrDefault("cipher_suites") is { } suites ? CipherSuites(suites) : null,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
            ClientCertificateRequired = clients.IsAsked,
            RemoteCertificateValidationCallback = clients.IsAsked ? clients.Accept : null,
            CertificateChainPolicy = clients.IsAsked ? clients.ChainPolicy() : null,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,

            // a certificate accepted under an older configuration has to be sent again
            AllowTlsResume = !clients.IsAsked,
        };
    }

    private static SslStreamCertificateContext Certificate(YamlEntry section, (YamlEntry Entry, string Text)? certificate, (YamlEntry Entry, string Text)? key)
    {
        if (certificate is not var (certificateEntry, certificateText))
        {
            throw section.Wrong("cert or cert_file is missing");
        }

        if (key is not var (keyEntry, keyText))
        {
            throw section.Wrong("key or key_file is missing");
        }

        var chain = Certificates(certificateEntry, certificateText);
        var algorithm = chain[0].PublicKey.Oid.Value;
        if (algorithm is not (Rsa or EllipticCurve))
        {
            throw certificateEntry.Wrong($"its key is {(algorithm is null ? "of an unknown kind" : KeyNames.GetValueOrDefault(algorithm, algorithm))}; only RSA and ECDSA are supported");
        }

        try
        {
            return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(certificateText, keyText), [.. chain.Skip(1)], offline: true);
        }
        catch (Exception e)
        {
            throw keyEntry.Wrong(e.Message.TrimEnd('.'));
        }
    }

    private static X509Certificate2Collection Certificates(YamlEntry entry, string text)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (Exception e)
        {
            throw entry.Wrong(e.Message.TrimEnd('.'));
        }

        return certificates.Count > 0 ? certificates : throw entry.Wrong("it contains no certificate (-----BEGIN CERTIFICATE-----)");
    }

    [SuppressMessage("Interoperability", "CA1416:Validate platform compatibility", Justification = "The daemon runs on Linux alone.")]
    private static CipherSuitesPolicy? CipherSuites(YamlEntry entry)
    {
        TlsCipherSuite[] suites =
        [
            .. entry.Texts().Select(name =>
                Suites.TryGetValue(name, out var suite) ? suite : throw entry.Wrong($"'{name}' is not {YamlEntry.OneOf(Suites.Keys)}")),
        ];

        // the list is for TLS up to 1.2; the suites of TLS 1.3 are always offered
        return suites.Length > 0 ? new CipherSuitesPolicy(suites.Union(Tls13Suites)) : null;
    }

    private ClientCertificates Clients(Dictionary<string, YamlEntry> entries)
    {
        var policy = entries.GetValueOrDefault("client_auth_type")?.Choice(Policies, ClientAuthPolicy.NoClientCert) ?? ClientAuthPolicy.NoClientCert;
        var authorities = Pem(entries, "client_ca") is var (authorityEntry, authorityText) ? Certificates(authorityEntry, authorityText) : [];
        if (authorities.Count > 0 && policy == ClientAuthPolicy.NoClientCert)
        {
            throw (entries.GetValueOrDefault("client_ca_file") ?? entries["client_ca"]).Wrong("it needs a client_auth_type that asks for a certificate, such as RequireAndVerifyClientCert");
        }

        IReadOnlyList<string> names = [];
        if (entries.GetValueOrDefault("client_allowed_sans") is { } namesEntry)
        {
            names = namesEntry.Texts();
            if (names.Count == 0)
            {
                throw namesEntry.Wrong("the list is empty, so no client would be admitted");
            }

            if (policy == ClientAuthPolicy.NoClientCert)
            {
                throw namesEntry.Wrong("it needs a client_auth_type that asks for a certificate, such as RequireAndVerifyClientCert");
            }
        }

        return new ClientCertificates(policy, authorities, names);
    }

    private SslProtocols Protocols(Dictionary<string, YamlEntry> entries)
    {
        var minEntry = entries.GetValueOrDefault("min_version");
        var maxEntry = entries.GetValueOrDefault("max_version");
        var min = minEntry?.Choice(Versions, Tls12) ?? Tls12;
        var max = maxEntry?.Choice(Versions, Tls13) ?? Tls13;
        if (max < Tls12)
        {
            throw maxEntry!.Wrong("TLS 1.0 and 1.1 are not supported (RFC 8996): use TLS12 or TLS13");
        }

        if (min < Tls12)
        {
            warnings.Add($"{minEntry!.Path}: TLS 1.0 and 1.1 are not supported (RFC 8996): the minimum is TLS 1.2.");
        }

        if (min > max)
        {
            throw minEntry!.Wrong("it is above max_version");
        }

        return (min <= Tls12 ? SslProtocols.Tls12 : SslProtocols.None) | (max >= Tls13 ? SslProtocols.Tls13 : SslProtocols.None);
    }

    private void WarnOfOrderAndCurves(Dictionary<string, YamlEntry> entries)
    {
        if (entries.GetValueOrDefault("prefer_server_cipher_suites") is { } order && order.Flag() == false)
        {
            warnings.Add($"{order.Path}: false has no effect: the server's order is always used.");
        }

        if (entries.GetValueOrDefault("curve_preferences") is not { } curves || curves.Texts() is not { Count: > 0 } names)
        {
            return;
        }

        if (names.FirstOrDefault(name => !Curves.Contains(name, StringComparer.Ordinal)) is { } unknown)
        {
            throw curves.Wrong($"'{unknown}' is not {YamlEntry.OneOf(Curves)}");
        }

        warnings.Add($"{curves.Path}: it has no effect: OpenSSL's own list is used, which OPENSSL_CONF can set (Groups, in its ssl_conf section).");
    }

    /// <summary>
    /// Returns the text of "cert", or of the file in "cert_file". Same for the other keys. Null if neither is set.
    /// </summary>
    private (YamlEntry Entry, string Text)? Pem(Dictionary<string, YamlEntry> entries, string key)
    {
        var (inline, file) = (entries.GetValueOrDefault(key), entries.GetValueOrDefault(key + "_file"));
        if (file?.Text() is not { } name)
        {
            return inline?.Text() is { } text ? (inline, text) : null;
        }

        if (inline?.Text() is not null)
        {
            throw file.Wrong($"{key} is set too: use only one of them");
        }

        if (name.Contains('\0', StringComparison.Ordinal))
        {
            throw file.Wrong("a path cannot contain a NUL");
        }

        var path = Path.GetFullPath(name, folder);
        files.Add(WatchedFile.Now(path));
        return SmallFile.TryRead(path, out var content, out var reason) ? (file, Encoding.UTF8.GetString(content)) : throw file.Wrong($"{path}: {reason}", mayPass: true);
    }
}
