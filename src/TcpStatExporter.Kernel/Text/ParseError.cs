using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Text;

/// <summary>What a parser found wrong, and where. A value, not an exception, because broken input is expected.</summary>
/// <param name="Kind">
/// <see cref="SourceError.None"/>, or one of <see cref="SourceError.Empty"/>, <see cref="SourceError.Truncated"/>,
/// <see cref="SourceError.Malformed"/>, <see cref="SourceError.NumberOutOfRange"/> and
/// <see cref="SourceError.HeaderMismatch"/>.
/// </param>
/// <param name="Offset">First byte of the bad line or number, counted from the start of the text.</param>
public readonly record struct ParseError(SourceError Kind, int Offset)
{
    /// <summary>No error.</summary>
    public static ParseError None => default;

    /// <summary>True if the text was parsed.</summary>
    public bool IsNone => Kind == SourceError.None;

    /// <summary>Converts this to the result of the source.</summary>
    public ReadResult ToReadResult() => IsNone ? ReadResult.Ok : ReadResult.Failed(Kind);

    internal static ParseError Empty => new(SourceError.Empty, 0);

    internal static ParseError Truncated(int offset) => new(SourceError.Truncated, offset);

    internal static ParseError Malformed(int offset) => new(SourceError.Malformed, offset);
}
