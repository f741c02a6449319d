using System.Buffers;

namespace TcpStatExporter.Exposition;

/// <summary>Names of metrics and labels: <c>[a-zA-Z_][a-zA-Z0-9_]*</c>. Colons are for recording rules alone.</summary>
internal static class Names
{
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    public static bool IsValid(ReadOnlySpan<char> name) =>
        !name.IsEmpty && !char.IsAsciiDigit(name[0]) && !name.ContainsAnyExcept(Allowed);
}
