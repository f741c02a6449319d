using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Something to read in a tick. It fills only its own section of the snapshot. A source belongs to one network namespace and
/// holds its handles.
/// </summary>
internal interface ISource : ISourceOf<TcpSnapshot>
{
    /// <summary>Which one it is, and the section that it fills.</summary>
    SourceId Id { get; }

    /// <inheritdoc/>
    string ISourceOf<TcpSnapshot>.Name => Id.Name();
}
