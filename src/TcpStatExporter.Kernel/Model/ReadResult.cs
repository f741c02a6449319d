namespace TcpStatExporter.Kernel.Model;

/// <summary>The result of reading one source: a status, and an error if something went wrong.</summary>
/// <param name="Status">Read, absent or failed.</param>
/// <param name="Error">
/// Why it failed. With <see cref="SourceStatus.Ok"/>: a problem that did not prevent the read. <see cref="SourceError.None"/>
/// if nothing went wrong.
/// </param>
public readonly record struct ReadResult(SourceStatus Status, SourceError Error)
{
    /// <summary>Read.</summary>
    public static ReadResult Ok => new(SourceStatus.Ok, SourceError.None);

    /// <summary>There is nothing to read.</summary>
    public static ReadResult Absent => new(SourceStatus.Absent, SourceError.None);

    /// <summary>True if the section holds this tick's values.</summary>
    public bool IsOk => Status == SourceStatus.Ok;

    /// <summary>Creates the result of a failed read.</summary>
    /// <param name="error">The reason.</param>
    public static ReadResult Failed(SourceError error) => new(SourceStatus.Failed, error);

    /// <summary>Creates the result of a read that succeeded despite a problem. The problem is counted.</summary>
    /// <param name="error">The problem.</param>
    public static ReadResult OkDespite(SourceError error) => new(SourceStatus.Ok, error);
}
