using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// One thing to read at a tick, into its own section of the snapshot and no other. A source belongs to one network
/// namespace, whose handles it holds.
/// </summary>
internal interface ISource : IDisposable
{
    /// <summary>Its name, and the section that it fills.</summary>
    SourceId Id { get; }

    /// <summary>How it reads.</summary>
    SourceMethod Method { get; }

    /// <summary>Reads the kernel into this source's section. The caller notes the status.</summary>
    /// <param name="snapshot">The snapshot being filled. Sections read earlier in the same tick may be looked at.</param>
    /// <returns>What came of it.</returns>
    ReadResult Read(TcpSnapshot snapshot);
}
