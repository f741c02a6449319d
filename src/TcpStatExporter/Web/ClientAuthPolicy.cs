namespace TcpStatExporter.Web;

/// <summary>What is asked of a client's certificate: the values of <c>client_auth_type</c>, which are Go's (crypto/tls, ClientAuthType).</summary>
internal enum ClientAuthPolicy
{
    /// <summary>None is asked for.</summary>
    NoClientCert,

    /// <summary>One is asked for; none, or any, will do.</summary>
    RequestClientCert,

    /// <summary>There must be one; any will do.</summary>
    RequireAnyClientCert,

    /// <summary>If there is one, it must be of a trusted authority.</summary>
    VerifyClientCertIfGiven,

    /// <summary>There must be one of a trusted authority.</summary>
    RequireAndVerifyClientCert,
}
