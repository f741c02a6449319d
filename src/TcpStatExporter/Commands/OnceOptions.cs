namespace TcpStatExporter.Commands;

/// <summary>What the command line asked of once.</summary>
internal sealed record OnceOptions
{
    /// <summary>Value of the label netns that every series gets; null: no such label.</summary>
    public string? NetnsLabel { get; init; }
}
