using Microsoft.AspNetCore.Http;

namespace TcpStatExporter.Web;

/// <summary>Pages for people, and what belongs to them.</summary>
internal interface IPages
{
    /// <summary>Whether there is something at a path.</summary>
    /// <param name="path">The path.</param>
    bool Serves(string path);

    /// <summary>Answers a GET or HEAD of such a path.</summary>
    /// <param name="context">The request, and its answer.</param>
    Task HandleAsync(HttpContext context);
}
