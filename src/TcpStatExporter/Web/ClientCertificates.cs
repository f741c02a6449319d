using System.Formats.Asn1;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace TcpStatExporter.Web;

/// <summary>
/// Which client certificates are let in, by <c>client_auth_type</c>, <c>client_ca</c> and <c>client_allowed_sans</c>.
/// Nothing is fetched from the network to judge one: no issuer, no revocation list.
/// </summary>
/// <param name="policy">What <c>client_auth_type</c> says.</param>
/// <param name="authorities">The certificates that are trusted; empty: those of the system.</param>
/// <param name="allowedNames">Subject alternative names of which the certificate must have one; empty: any.</param>
internal sealed class ClientCertificates(ClientAuthPolicy policy, X509Certificate2Collection authorities, IReadOnlyCollection<string> allowedNames)
{
    private const string SubjectAlternativeName = "2.5.29.17";

    /// <summary>Whether clients are asked for a certificate.</summary>
    public bool IsAsked => policy != ClientAuthPolicy.NoClientCert;

    /// <summary>How a chain is built, times and key usage checked.</summary>
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

    /// <summary>Judges what a client showed; a <see cref="RemoteCertificateValidationCallback"/>.</summary>
    /// <param name="sender">The stream.</param>
    /// <param name="certificate">The certificate; null where it showed none.</param>
    /// <param name="chain">The chain that was built from it.</param>
    /// <param name="errors">What is wrong with it.</param>
    /// <returns>Whether it may come in.</returns>
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

    /// <summary>The subject alternative names of a certificate: e-mail and IP addresses, host names, URIs (RFC 5280, 4.2.1.6).</summary>
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
            // a name that cannot be read is no name; those before it stand
        }

        return names;
    }

    /// <summary>
    /// What is trusted may be an intermediate authority whose own issuer is not at hand, as in Go; the framework then
    /// builds the chain up to it and calls it partial.
    /// </summary>
    private bool EndsAtAuthority(X509Chain? chain) =>
        chain is { ChainElements: [.., var last] }
            && chain.ChainStatus.All(status => status.Status == X509ChainStatusFlags.PartialChain)
            && authorities.Any(authority => authority.RawDataMemory.Span.SequenceEqual(last.Certificate.RawDataMemory.Span));
}
