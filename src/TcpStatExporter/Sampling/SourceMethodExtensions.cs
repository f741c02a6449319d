namespace TcpStatExporter.Sampling;

/// <summary>What ways of reading are called.</summary>
internal static class SourceMethodExtensions
{
    /// <summary>The name of a way of reading, in labels, logs and reports.</summary>
    /// <param name="method">The way.</param>
    public static string Name(this SourceMethod method) => method == SourceMethod.Netlink ? "netlink" : "procfs";
}
