using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using TcpStatExporter.Metrics;

namespace TcpStatExporter.Web;

/// <summary>Serves the exposition in the format and encoding that the client accepts.</summary>
/// <param name="page">Writes the exposition.</param>
/// <param name="maxRequests">Maximum number of concurrent scrapes. 0: no limit.</param>
internal sealed class MetricsHandler(MetricsPage page, int maxRequests)
{
    /// <summary>
    /// Buffers kept between scrapes. A page may be a megabyte, and more concurrent scrapers than this are a temporary crowd.
    /// </summary>
    private const int MaxIdle = 4;

    /// <summary>A buffer always keeps this capacity.</summary>
    private const int MinCapacity = 4096;

    private readonly ConcurrentQueue<MemoryStream> _idle = new();
    private readonly ScrapeSlots _slots = new(maxRequests);

    /// <summary>Answers one scrape.</summary>
    /// <param name="context">The request and its response.</param>
    public async Task HandleAsync(HttpContext context)
    {
        var peer = Peer.Of(context.Connection.RemoteIpAddress);
        if (!_slots.TryEnter(peer))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "1";
            return;
        }

        if (!_idle.TryDequeue(out var buffer))
        {
            buffer = new MemoryStream(MinCapacity);
        }

        try
        {
            var format = Negotiation.Choose(context.Request.Headers.Accept);
            page.Render(buffer, format);
            await WriteAsync(context, format, buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
        }
        finally
        {
            if (_idle.Count < MaxIdle)
            {
                Trim(buffer);
                _idle.Enqueue(buffer);
            }

            _slots.Leave(peer);
        }
    }

    /// <summary>
    /// Frees half of the memory if the page used less than a quarter of it, so one huge page does not cost memory forever. At
    /// a steady size this does nothing.
    /// </summary>
    private static void Trim(MemoryStream buffer)
    {
        if (buffer.Capacity > MinCapacity && buffer.Length < buffer.Capacity / 4)
        {
            buffer.Capacity = Math.Max(MinCapacity, buffer.Capacity / 2);
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
