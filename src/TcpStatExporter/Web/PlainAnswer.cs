using Microsoft.AspNetCore.Http;

namespace TcpStatExporter.Web;

/// <summary>A short response for people.</summary>
internal static class PlainAnswer
{
    /// <summary>Writes the response. The status is already set.</summary>
    /// <param name="context">The request and its response.</param>
    /// <param name="body">The text, in UTF-8.</param>
    public static Task WriteAsync(HttpContext context, byte[] body)
    {
        var response = context.Response;
        response.ContentType = "text/plain; charset=utf-8";
        response.ContentLength = body.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        return response.Body.WriteAsync(body, 0, body.Length);
    }
}
