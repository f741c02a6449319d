namespace TcpStatExporter.Shipped.Tests.Commands;

/// <summary>A flag.</summary>
/// <param name="Name">Its name, including the dashes.</param>
/// <param name="Value">The name of its value. Words between bars are the only valid values. Null: it takes no value.</param>
/// <param name="Description">What it does, with its default.</param>
/// <param name="IsRepeatable">It may be given more than once.</param>
internal sealed record FlagOfTree(string Name, string? Value, string Description, bool IsRepeatable)
{
    /// <summary>Its valid values. Empty if they cannot be listed.</summary>
    public IReadOnlyList<string> Words => Value?.Contains('|', StringComparison.Ordinal) == true ? Value.Split('|') : [];

    /// <summary>True if its value is a file or directory on this host.</summary>
    public bool IsFile => Value is "FILE" or "PATH" && !Name.StartsWith("--web.telemetry", StringComparison.Ordinal);

    /// <summary>The first sentence of its description.</summary>
    public string Summary => FirstSentence(Description);

    public static string FirstSentence(string text)
    {
        int[] ends = [text.IndexOf(". ", StringComparison.Ordinal), text.IndexOf(": ", StringComparison.Ordinal), text.IndexOf(" [default", StringComparison.Ordinal)];
        var end = ends.Where(at => at > 0).DefaultIfEmpty(text.Length).Min();
        return text[..end].TrimEnd('.');
    }
}
