using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Decides which listeners get series: those that match an include pattern, or all if there is none, except those that match
/// an exclude pattern.
/// </summary>
/// <param name="include">Patterns to include.</param>
/// <param name="exclude">Patterns to exclude. They take precedence.</param>
internal sealed class ListenerFilter(IReadOnlyList<EndpointPattern> include, IReadOnlyList<EndpointPattern> exclude)
{
    private readonly EndpointPattern[] _include = [.. include];
    private readonly EndpointPattern[] _exclude = [.. exclude];

    /// <summary>Returns true if a listener is selected.</summary>
    /// <param name="address">Bound address.</param>
    /// <param name="port">Bound port.</param>
    public bool Selects(IpAddress address, ushort port) =>
        (_include.Length == 0 || Fits(_include, address, port)) && !Fits(_exclude, address, port);

    private static bool Fits(EndpointPattern[] patterns, IpAddress address, ushort port)
    {
        foreach (ref readonly var pattern in patterns.AsSpan())
        {
            if (pattern.Fits(address, port))
            {
                return true;
            }
        }

        return false;
    }
}
