namespace TcpStatExporter.Web;

/// <summary>
/// What is required of a client's certificate: the values of <c>client_auth_type</c>, which come from Go (crypto/tls,
/// ClientAuthType).
/// </summary>
internal enum ClientAuthPolicy
{
    /// <summary>No certificate is requested.</summary>
    NoClientCert,

    /// <summary>A certificate is requested. Any one is accepted, and so is none.</summary>
    RequestClientCert,

    /// <summary>A certificate is required. Any one is accepted.</summary>
    RequireAnyClientCert,

    /// <summary>If the client sends a certificate, a trusted authority must have issued it.</summary>
    VerifyClientCertIfGiven,

    /// <summary>A certificate from a trusted authority is required.</summary>
    RequireAndVerifyClientCert,
}
