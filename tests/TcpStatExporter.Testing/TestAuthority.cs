using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TcpStatExporter.Testing;

/// <summary>A certificate authority for tests and the certificates that it issues: ECDSA on P-256, in PEM.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly DateTimeOffset From = TimeProvider.System.GetUtcNow().AddMinutes(-5);
    private static readonly DateTimeOffset Until = From.AddDays(1);

    private readonly X509Certificate2 _certificate;

    /// <summary>Creates a self-signed authority.</summary>
    /// <param name="name">Its name.</param>
    public TestAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _certificate = Request(name, key, isAuthority: true).CreateSelfSigned(From, Until);
    }

    private TestAuthority(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>Its certificate.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>Creates an intermediate authority.</summary>
    /// <param name="name">Its name.</param>
    public TestAuthority Intermediate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = Issue(Request(name, key, isAuthority: true), From, Until);
        return new TestAuthority(issued.CopyWithPrivateKey(key));
    }

    /// <summary>Issues a certificate for a server at 127.0.0.1 and localhost.</summary>
    /// <param name="name">Its name.</param>
    public (string Certificate, string Key) Server(string name)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        return Leaf(name, ServerAuthentication, names, Until);
    }

    /// <summary>Issues a certificate for a client.</summary>
    /// <param name="name">Its name, and its host name among the alternative names.</param>
    /// <param name="isOver">The certificate has expired.</param>
    public (string Certificate, string Key) Client(string name, bool isOver = false)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddUri(new Uri($"spiffe://test/{name}"));
        return Leaf(name, ClientAuthentication, names, isOver ? From.AddMinutes(1) : Until);
    }

    public void Dispose() => _certificate.Dispose();

    private static CertificateRequest Request(string name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            isAuthority ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign : X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private (string Certificate, string Key) Leaf(string name, string usage, SubjectAlternativeNameBuilder names, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(name, key, isAuthority: false);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        request.CertificateExtensions.Add(names.Build());
        using var issued = Issue(request, From, until);
        return (issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private X509Certificate2 Issue(CertificateRequest request, DateTimeOffset from, DateTimeOffset until) =>
        request.Create(_certificate, from, until, RandomNumberGenerator.GetBytes(8));
}
