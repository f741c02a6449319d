using System.Net;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>A fault, or something that only looks like one, on a host.</summary>
/// <param name="again">The action that repeats every half second while it lasts.</param>
/// <param name="parts">Its parts. Disposed in this order.</param>
internal sealed class Held(Action again, params IDisposable[] parts) : IDisposable
{
    /// <summary>The affected listener. Null if none.</summary>
    public IPEndPoint? Listener { get; init; }

    /// <summary>Repeats the action.</summary>
    public void Again() => again();

    public void Dispose()
    {
        foreach (var part in parts)
        {
            part.Dispose();
        }
    }
}
