using System.Net;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>A fault, or something that only looks like one, held on a host.</summary>
/// <param name="again">What is done every half a second for as long as it is held.</param>
/// <param name="parts">What it consists of, disposed in turn.</param>
internal sealed class Held(Action again, params IDisposable[] parts) : IDisposable
{
    /// <summary>The listener that it strikes; none where it strikes none.</summary>
    public IPEndPoint? Listener { get; init; }

    /// <summary>Goes on with it.</summary>
    public void Again() => again();

    public void Dispose()
    {
        foreach (var part in parts)
        {
            part.Dispose();
        }
    }
}
