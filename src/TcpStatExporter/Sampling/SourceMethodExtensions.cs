namespace TcpStatExporter.Sampling;

/// <summary>Names of the methods.</summary>
internal static class SourceMethodExtensions
{
    /// <summary>Returns the name of a method in labels, logs and reports.</summary>
    /// <param name="method">The method.</param>
    public static string Name(this SourceMethod method) => method == SourceMethod.Netlink ? "netlink" : "procfs";
}
