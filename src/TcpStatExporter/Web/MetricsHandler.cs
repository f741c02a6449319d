using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using TcpStatExporter.Exposition;
using TcpStatExporter.Metrics;

namespace TcpStatExporter.Web;

/// <summary>Serves the exposition in the format, and with the encoding, that the client takes.</summary>
/// <param name="page">Writes the exposition.</param>
/// <param name="maxRequests">Scrapes served at a time; 0: no limit.</param>
internal sealed class MetricsHandler(MetricsPage page, int maxRequests)
{
    /// <summary>Buffers kept between scrapes: a page may take a megabyte, and more scrapers at a time are a crowd that will pass.</summary>
    private const int MaxIdle = 4;

    private readonly ConcurrentQueue<(ExpositionBuffer Buffer, ExpositionWriter Writer)> _idle = new();
    private readonly ScrapeSlots _slots = new(maxRequests);

    /// <summary>Answers one scrape.</summary>
    /// <param name="context">The request, and its answer.</param>
    public async Task HandleAsync(HttpContext context)
    {
        var peer = Peer.Of(context.Connection.RemoteIpAddress);
        if (!_slots.TryEnter(peer))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "1";
            return;
        }

        if (!_idle.TryDequeue(out var own))
        {
            var buffer = new ExpositionBuffer();
            own = (buffer, new ExpositionWriter(buffer));
        }

        try
        {
            var format = Negotiation.Choose(context.Request.Headers.Accept);
            page.Render(own.Writer, format);
            await WriteAsync(context, format, own.Buffer.WrittenMemory);
        }
        finally
        {
            if (_idle.Count < MaxIdle)
            {
                own.Buffer.Trim();
                _idle.Enqueue(own);
            }

            _slots.Leave(peer);
        }
    }

    private static Task WriteAsync(HttpContext context, ExpositionFormat format, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.ContentType = format.ContentType();
        response.Headers.Vary = "Accept, Accept-Encoding";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        return Compression.WriteAsync(context, body);
    }
}
