using Microsoft.AspNetCore.Http;
using TcpStatExporter.View;

namespace TcpStatExporter.Web.Page;

/// <summary>
/// Serves the page, its assets, and the same view as JSON. However many clients there are, a view is built only a few times
/// per second. It uses the published sample and never reads the kernel.
/// </summary>
/// <param name="reader">Builds views.</param>
/// <param name="page">Writes the page.</param>
/// <param name="time">The clock.</param>
/// <param name="namespaces">Makes views of other network namespaces; null if they are not watched.</param>
internal sealed class PageHandler(ViewReader reader, HostPage page, TimeProvider time, NetnsViews? namespaces = null) : IPages
{
    /// <summary>Path of the JSON view.</summary>
    public const string ViewPath = "/api/v1/view";

    /// <summary>Maximum length of a listener search, in characters. Longer text is cut.</summary>
    public const int LongestSearch = 200;

    private const string PagePath = "/";

    /// <summary>Allows nothing from other origins, nothing inline, and no embedding of the page.</summary>
    private const string Policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>
    /// A response that is at most this old is reused for the next client. Shorter than the shortest interval between listener
    /// reads.
    /// </summary>
    private static readonly TimeSpan Shared = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private (long Made, byte[] Body)? _page;
    private (long Made, byte[] Body)? _json;

    /// <inheritdoc/>
    public bool Serves(string path) => path is PagePath or ViewPath || PageAsset.All.ContainsKey(path);

    /// <inheritdoc/>
    public Task HandleAsync(HttpContext context)
    {
        var headers = context.Response.Headers;

        // headers from the web configuration take precedence
        headers.TryAdd("X-Content-Type-Options", "nosniff");
        headers.TryAdd("Referrer-Policy", "no-referrer");
        headers.TryAdd("Cross-Origin-Resource-Policy", "same-origin");
        if (PageAsset.All.TryGetValue(context.Request.Path.Value ?? "", out var asset))
        {
            return WriteAsync(context, asset);
        }

        headers.CacheControl = "no-store";
        headers.Vary = "Accept-Encoding";
        var chosen = context.Request.Query["netns"].ToString() is { Length: > 0 } name ? namespaces?.ReaderOf(name) : null;
        if (context.Request.Path == ViewPath)
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            return Compression.WriteAsync(context, chosen is null ? Take(ref _json, () => ViewJson.Write(reader.Read(), isIndented: false).ToArray()) : Write(chosen));
        }

        headers.TryAdd("Content-Security-Policy", Policy);
        context.Response.ContentType = "text/html; charset=utf-8";
        var search = context.Request.Query["q"].ToString().Trim();
        return Compression.WriteAsync(context, search.Length > 0 || chosen is not null ? Find(chosen ?? reader, search) : Take(ref _page, () => page.Write(reader.Read())));
    }

    private byte[] Find(ViewReader views, string search)
    {
        // one at a time, see below
        lock (_lock)
        {
            return page.Write(views.Read(), search[..Math.Min(search.Length, LongestSearch)]);
        }
    }

    private byte[] Write(ViewReader views)
    {
        lock (_lock)
        {
            return ViewJson.Write(views.Read(), isIndented: false).ToArray();
        }
    }

    private static Task WriteAsync(HttpContext context, PageAsset asset)
    {
        var response = context.Response;
        response.Headers.ETag = PageAsset.Tag;
        response.Headers.CacheControl = "no-cache";
        if (context.Request.Headers.IfNoneMatch == PageAsset.Tag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = asset.ContentType;
        response.ContentLength = asset.Body.Length;
        return response.Body.WriteAsync(asset.Body, 0, asset.Body.Length);
    }

    /// <summary>Builds one at a time, so many clients cost no more memory, and little more time, than one.</summary>
    private byte[] Take(ref (long Made, byte[] Body)? last, Func<byte[]> make)
    {
        lock (_lock)
        {
            if (last is not { } known || time.GetElapsedTime(known.Made) > Shared)
            {
                known = (time.GetTimestamp(), make());
                last = known;
            }

            return known.Body;
        }
    }
}
