namespace TcpStatExporter;

/// <summary>Names of ours as they are shown: in labels, in logs, in reports.</summary>
internal static class EnumExtensions
{
    /// <summary>The name in snake case: "PermissionDenied" becomes "permission_denied".</summary>
    /// <param name="value">A member of an enumeration.</param>
    /// <typeparam name="T">The enumeration.</typeparam>
    public static string ToSnakeCase<T>(this T value)
        where T : struct, Enum =>
        string.Concat(value.ToString().Select((c, i) => char.IsAsciiLetterUpper(c) && i > 0 ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
