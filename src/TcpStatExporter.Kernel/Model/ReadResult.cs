namespace TcpStatExporter.Kernel.Model;

/// <summary>Outcome of reading one source: a status and, where something went wrong, what.</summary>
/// <param name="Status">What came of it.</param>
/// <param name="Error">
/// Why it failed; beside <see cref="SourceStatus.Ok"/>, what the reading went on in spite of. <see cref="SourceError.None"/>
/// where nothing went wrong.
/// </param>
public readonly record struct ReadResult(SourceStatus Status, SourceError Error)
{
    /// <summary>Read.</summary>
    public static ReadResult Ok => new(SourceStatus.Ok, SourceError.None);

    /// <summary>There is nothing to read.</summary>
    public static ReadResult Absent => new(SourceStatus.Absent, SourceError.None);

    /// <summary>True if the section holds this tick's values.</summary>
    public bool IsOk => Status == SourceStatus.Ok;

    /// <summary>Could not be read.</summary>
    /// <param name="error">The reason.</param>
    public static ReadResult Failed(SourceError error) => new(SourceStatus.Failed, error);

    /// <summary>Read, though not without trouble, which is counted.</summary>
    /// <param name="error">The trouble.</param>
    public static ReadResult OkDespite(SourceError error) => new(SourceStatus.Ok, error);
}
