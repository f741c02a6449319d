namespace TcpStatExporter.Web.Page;

/// <summary>An asset of the page. It is built into the program and never changes while it runs.</summary>
internal sealed class PageAsset
{
    private static readonly (string Level, string Colour, string Shape)[] Icons =
    [
        ("critical", "#d92d3a", "M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5z"),
        ("warning", "#e0930b", "M8 .8L15.8 15H.2z"),
        ("good", "#1f9d63", "M8 .5a7.5 7.5 0 1 1 0 15a7.5 7.5 0 1 1 0-15z"),
        ("unknown", "#7a6ff0", "M8 .3L15.7 8 8 15.7 .3 8z"),
    ];

    private PageAsset(string contentType, byte[] body)
    {
        ContentType = contentType;
        Body = body;
    }

    /// <summary>All assets by path.</summary>
    public static IReadOnlyDictionary<string, PageAsset> All { get; } = Load();

    /// <summary>
    /// Differs between builds whose source or assets differ (the compiler's hash of both). A page that was loaded from
    /// another build reloads itself.
    /// </summary>
    public static string Version { get; } = typeof(PageAsset).Module.ModuleVersionId.ToString("N");

    /// <summary>Its media type.</summary>
    public string ContentType { get; }

    /// <summary>Its bytes.</summary>
    public byte[] Body { get; }

    /// <summary>Strong entity tag, in quotes.</summary>
    public static string Tag { get; } = $"\"{Version}\"";

    private static Dictionary<string, PageAsset> Load()
    {
        var all = new Dictionary<string, PageAsset>(StringComparer.Ordinal)
        {
            ["/-/page.css"] = new("text/css; charset=utf-8", Embedded("page.css")),
            ["/-/page.js"] = new("text/javascript; charset=utf-8", Embedded("page.js")),
        };
        foreach (var (level, colour, shape) in Icons)
        {
            var svg = $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="{colour}" d="{shape}"/></svg>""";
            all[$"/-/{level}.svg"] = new("image/svg+xml", System.Text.Encoding.ASCII.GetBytes(svg));
        }

        return all;
    }

    private static byte[] Embedded(string name)
    {
        using var stream = typeof(PageAsset).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the assembly");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
