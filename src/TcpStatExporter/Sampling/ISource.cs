using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Something to read in a tick. It fills only its own section of the snapshot. A source belongs to one network namespace and
/// holds its handles.
/// </summary>
internal interface ISource : IDisposable
{
    /// <summary>Its name, and the section that it fills.</summary>
    SourceId Id { get; }

    /// <summary>How it reads.</summary>
    SourceMethod Method { get; }

    /// <summary>Reads the kernel into this source's section. The caller records the status.</summary>
    /// <param name="snapshot">The snapshot to fill. The source may use sections read earlier in the same tick.</param>
    /// <returns>The result.</returns>
    ReadResult Read(TcpSnapshot snapshot);
}
