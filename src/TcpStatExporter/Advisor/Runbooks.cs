using System.Reflection;
using System.Text;

namespace TcpStatExporter.Advisor;

/// <summary>
/// The runbooks: their text, which is built into the program, and the address where they can be read with links.
/// </summary>
/// <param name="baseUrl">Address of the directory, with or without a trailing slash.</param>
internal sealed class Runbooks(string baseUrl)
{
    /// <summary>Where the project publishes them.</summary>
    public const string DefaultBaseUrl = "https://github.com/tcpstat-exporter/tcpstat-exporter/blob/main/alerts/runbooks";

    private const string Folder = "runbooks/";
    private const string Extension = ".md";

    /// <summary>The project's own runbooks.</summary>
    public static Runbooks Default { get; } = new(DefaultBaseUrl);

    /// <summary>Names of all runbooks, sorted: the name of an alert, or "advice/" and the id of a finding.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => name[Folder.Length..^Extension.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Returns the text of a runbook, in Markdown.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public static string Text(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{Folder}{name}{Extension}")!;
        var text = new byte[stream.Length];
        stream.ReadExactly(text);
        return Encoding.UTF8.GetString(text);
    }

    /// <summary>Returns the address of a runbook.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public string Url(string name) => $"{baseUrl.TrimEnd('/')}/{name}{Extension}";
}
