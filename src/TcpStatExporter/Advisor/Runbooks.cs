using System.Reflection;
using System.Text;

namespace TcpStatExporter.Advisor;

/// <summary>The runbooks: their text, which the program carries with it, and where they can be read with links.</summary>
/// <param name="baseUrl">Address of the folder, with or without a slash at its end.</param>
internal sealed class Runbooks(string baseUrl)
{
    /// <summary>Where the project keeps them.</summary>
    public const string DefaultBaseUrl = "https://github.com/tcpstat-exporter/tcpstat-exporter/blob/main/alerts/runbooks";

    private const string Folder = "runbooks/";
    private const string Extension = ".md";

    /// <summary>The project's own.</summary>
    public static Runbooks Default { get; } = new(DefaultBaseUrl);

    /// <summary>Names of all of them, sorted: that of an alert, or "advice/" and that of a finding.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => name[Folder.Length..^Extension.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Text of one, in Markdown.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public static string Text(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{Folder}{name}{Extension}")!;
        var text = new byte[stream.Length];
        stream.ReadExactly(text);
        return Encoding.UTF8.GetString(text);
    }

    /// <summary>Address of one.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public string Url(string name) => $"{baseUrl.TrimEnd('/')}/{name}{Extension}";
}
