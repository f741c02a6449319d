namespace TcpStatExporter.Kernel.Model;

/// <summary>Outcome of reading one source: a status and, where it failed, why.</summary>
/// <param name="Status">What came of it.</param>
/// <param name="Error">The reason; <see cref="SourceError.None"/> unless <see cref="SourceStatus.Failed"/>.</param>
public readonly record struct ReadResult(SourceStatus Status, SourceError Error)
{
    /// <summary>Read.</summary>
    public static ReadResult Ok => new(SourceStatus.Ok, SourceError.None);

    /// <summary>The host does not have it.</summary>
    public static ReadResult Absent => new(SourceStatus.Absent, SourceError.None);

    /// <summary>True if the section holds this tick's values.</summary>
    public bool IsOk => Status == SourceStatus.Ok;

    /// <summary>Could not be read.</summary>
    /// <param name="error">The reason.</param>
    public static ReadResult Failed(SourceError error) => new(SourceStatus.Failed, error);
}
