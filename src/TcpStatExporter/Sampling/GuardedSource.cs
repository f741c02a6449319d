using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>A guarded source of a network namespace.</summary>
internal sealed class GuardedSource(ISource source, TimeProvider time, ILogger logger) : Guard<TcpSnapshot>(source, time, logger)
{
    /// <summary>Which source it is.</summary>
    public SourceId Id => source.Id;

    /// <summary>Reads the source, if its breaker allows it, and sets its status.</summary>
    /// <param name="snapshot">The snapshot being filled.</param>
    /// <returns>True if its section holds current values.</returns>
    public bool Read(TcpSnapshot snapshot) => (snapshot[Id] = ReadInto(snapshot)).IsOk;
}
