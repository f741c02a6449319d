using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>Which listeners get series: those that an include pattern fits, or all where there is none, but for those that an exclude pattern fits.</summary>
/// <param name="include">Patterns of wanted listeners.</param>
/// <param name="exclude">Patterns of unwanted listeners; they win.</param>
internal sealed class ListenerFilter(IReadOnlyList<EndpointPattern> include, IReadOnlyList<EndpointPattern> exclude)
{
    private readonly EndpointPattern[] _include = [.. include];
    private readonly EndpointPattern[] _exclude = [.. exclude];

    /// <summary>Whether a listener is wanted.</summary>
    /// <param name="address">Address it is bound to.</param>
    /// <param name="port">Port it is bound to.</param>
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
