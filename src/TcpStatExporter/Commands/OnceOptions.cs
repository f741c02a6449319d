namespace TcpStatExporter.Commands;

/// <summary>Options of the once command.</summary>
internal sealed record OnceOptions
{
    /// <summary>Value of the label netns for every series. Null: no such label.</summary>
    public string? NetnsLabel { get; init; }
}
