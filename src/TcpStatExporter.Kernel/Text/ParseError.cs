using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Text;

/// <summary>What a parser found wrong, and where: a value, since broken input is no exception.</summary>
/// <param name="Kind">
/// <see cref="SourceError.None"/>, or one of <see cref="SourceError.Empty"/>, <see cref="SourceError.Truncated"/>,
/// <see cref="SourceError.Malformed"/>, <see cref="SourceError.NumberOutOfRange"/> and
/// <see cref="SourceError.HeaderMismatch"/>.
/// </param>
/// <param name="Offset">First byte of the line or number at fault, counted from the start of the text that was given.</param>
public readonly record struct ParseError(SourceError Kind, int Offset)
{
    /// <summary>Nothing wrong.</summary>
    public static ParseError None => default;

    /// <summary>True if the text was parsed.</summary>
    public bool IsNone => Kind == SourceError.None;

    /// <summary>The outcome of a source whose text this is about.</summary>
    public ReadResult ToReadResult() => IsNone ? ReadResult.Ok : ReadResult.Failed(Kind);

    internal static ParseError Empty => new(SourceError.Empty, 0);

    internal static ParseError Truncated(int offset) => new(SourceError.Truncated, offset);

    internal static ParseError Malformed(int offset) => new(SourceError.Malformed, offset);
}
