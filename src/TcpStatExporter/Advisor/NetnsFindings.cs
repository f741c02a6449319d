using TcpStatExporter.Namespaces;

namespace TcpStatExporter.Advisor;

/// <summary>What was found in a network namespace other than the host's own.</summary>
/// <param name="Identity">Its name.</param>
/// <param name="Advice">What the rules said.</param>
internal sealed record NetnsFindings(NetnsIdentity Identity, Advice Advice);
