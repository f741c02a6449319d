using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace TcpStatExporter.Web;

/// <summary>Compresses bodies with gzip if the client accepts it.</summary>
internal static class Compression
{
    private const int Piece = 64 * 1024;

    /// <summary>Writes a body. All headers except length and encoding are already set.</summary>
    /// <param name="context">The request and its response.</param>
    /// <param name="body">The body.</param>
    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        if (!Negotiation.AcceptsGzip(context.Request.Headers.AcceptEncoding))
        {
            response.ContentLength = body.Length;

            // in pieces, because the server would copy the whole body before it waits for the reader
            for (var rest = body; !rest.IsEmpty; rest = rest[Math.Min(Piece, rest.Length)..])
            {
                await response.Body.WriteAsync(rest[..Math.Min(Piece, rest.Length)], context.RequestAborted);
            }

            return;
        }

        response.Headers.ContentEncoding = "gzip";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest);
        await gzip.WriteAsync(body, context.RequestAborted);
    }
}
