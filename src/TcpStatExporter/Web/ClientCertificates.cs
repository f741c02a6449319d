using System.Formats.Asn1;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace TcpStatExporter.Web;

/// <summary>
/// Decides which client certificates are accepted, from <c>client_auth_type</c>, <c>client_ca</c> and
/// <c>client_allowed_sans</c>. Fetches nothing from the network: no issuer and no revocation list.
/// </summary>
/// <param name="policy">The value of <c>client_auth_type</c>.</param>
/// <param name="authorities">The trusted certificates. If empty, those of the system.</param>
/// <param name="allowedNames">The certificate must have one of these subject alternative names. If empty, any name is accepted.</param>
internal sealed class ClientCertificates(ClientAuthPolicy policy, X509Certificate2Collection authorities, IReadOnlyCollection<string> allowedNames)
{
    private const string SubjectAlternativeName = "2.5.29.17";

    /// <summary>True if clients are asked for a certificate.</summary>
    public bool IsAsked => policy != ClientAuthPolicy.NoClientCert;

    /// <summary>Returns how to build a chain and how to check times and key usage.</summary>
    public X509ChainPolicy ChainPolicy()
    {
        var chain = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (authorities.Count > 0)
        {
            chain.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.CustomTrustStore.AddRange(authorities);
        }

        return chain;
    }

    /// <summary>Checks what a client sent. A <see cref="RemoteCertificateValidationCallback"/>.</summary>
    /// <param name="sender">The stream.</param>
    /// <param name="certificate">The certificate. Null if the client sent none.</param>
    /// <param name="chain">The chain that was built from it.</param>
    /// <param name="errors">What is wrong with it.</param>
    /// <returns>True to accept the client.</returns>
    public bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 shown)
        {
            return policy is not (ClientAuthPolicy.RequireAnyClientCert or ClientAuthPolicy.RequireAndVerifyClientCert) && allowedNames.Count == 0;
        }

        var isVerified = policy is ClientAuthPolicy.VerifyClientCertIfGiven or ClientAuthPolicy.RequireAndVerifyClientCert;
        return (!isVerified || errors == SslPolicyErrors.None || EndsAtAuthority(chain))
            && (allowedNames.Count == 0 || Names(shown).Any(allowedNames.Contains));
    }

    /// <summary>
    /// Returns the subject alternative names of a certificate: e-mail and IP addresses, host names, URIs (RFC 5280, 4.2.1.6).
    /// </summary>
    /// <param name="certificate">The certificate.</param>
    internal static IReadOnlyList<string> Names(X509Certificate2 certificate)
    {
        if (certificate.Extensions[SubjectAlternativeName] is not { } extension)
        {
            return [];
        }

        var names = new List<string>();
        try
        {
            var entries = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (entries.HasData)
            {
                var tag = entries.PeekTag();
                switch (tag.TagValue)
                {
                    case 1 or 2 or 6:
                        names.Add(entries.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                        break;
                    case 7:
                        names.Add(new IPAddress(entries.ReadOctetString(tag)).ToString());
                        break;
                    default:
                        entries.ReadEncodedValue();
                        break;
                }
            }
        }
        catch (Exception e) when (e is AsnContentException or ArgumentException)
        {
            // ignore a name that cannot be parsed; keep those before it
        }

        return names;
    }

    /// <summary>
    /// Returns true if the chain ends at a trusted authority. As in Go, that may be an intermediate authority whose own
    /// issuer is not available. The framework then builds the chain up to it and calls it partial.
    /// </summary>
    private bool EndsAtAuthority(X509Chain? chain) =>
        chain is { ChainElements: [.., var last] }
            && chain.ChainStatus.All(status => status.Status == X509ChainStatusFlags.PartialChain)
            && authorities.Any(authority => authority.RawDataMemory.Span.SequenceEqual(last.Certificate.RawDataMemory.Span));
}
