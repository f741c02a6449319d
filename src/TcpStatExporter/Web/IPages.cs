using Microsoft.AspNetCore.Http;

namespace TcpStatExporter.Web;

/// <summary>Pages for people, and their assets.</summary>
internal interface IPages
{
    /// <summary>Returns true if something is served at a path.</summary>
    /// <param name="path">The path.</param>
    bool Serves(string path);

    /// <summary>Answers a GET or HEAD request for such a path.</summary>
    /// <param name="context">The request and its response.</param>
    Task HandleAsync(HttpContext context);
}
