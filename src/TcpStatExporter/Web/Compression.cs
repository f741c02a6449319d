using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace TcpStatExporter.Web;

/// <summary>Writes bodies with gzip where the client takes it.</summary>
internal static class Compression
{
    private const int Piece = 64 * 1024;

    /// <summary>Writes a body, whose headers are set but for length and encoding.</summary>
    /// <param name="context">The request, and its answer.</param>
    /// <param name="body">The body.</param>
    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        if (!Negotiation.AcceptsGzip(context.Request.Headers.AcceptEncoding))
        {
            response.ContentLength = body.Length;

            // piece by piece, or the server would copy all of it before it waits for the reader
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
