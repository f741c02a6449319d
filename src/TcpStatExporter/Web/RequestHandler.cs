using System.Text;
using Microsoft.AspNetCore.Http;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Web;

/// <summary>Handles all requests: a few paths, GET and HEAD.</summary>
/// <param name="metrics">Serves the metrics.</param>
/// <param name="pages">Serves the page and its assets.</param>
/// <param name="telemetryPath">Path of the metrics.</param>
/// <param name="store">Where samples are published.</param>
internal sealed class RequestHandler(MetricsHandler metrics, IPages pages, string telemetryPath, SampleStore store)
{
    private const string HealthPath = "/-/healthy";
    private const string ReadinessPath = "/-/ready";

    /// <summary>Handles one request.</summary>
    /// <param name="context">The request and its response.</param>
    public Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var isMetrics = path == telemetryPath;
        if (!isMetrics && path is not (HealthPath or ReadinessPath) && !pages.Serves(path))
        {
            return WriteAsync(context, StatusCodes.Status404NotFound, "404 Not Found\n"u8.ToArray());
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "405 Method Not Allowed\n"u8.ToArray());
        }

        if (isMetrics)
        {
            return metrics.HandleAsync(context);
        }

        return path switch
        {
            HealthPath => WriteAsync(context, StatusCodes.Status200OK, "tcpstat-exporter is healthy.\n"u8.ToArray()),
            ReadinessPath => Ready(context),
            _ => pages.HandleAsync(context),
        };
    }

    private static Task WriteAsync(HttpContext context, int status, byte[] body)
    {
        context.Response.StatusCode = status;
        return PlainAnswer.WriteAsync(context, body);
    }

    private Task Ready(HttpContext context) =>
        store.IsFresh(out var age)
            ? WriteAsync(context, StatusCodes.Status200OK, "tcpstat-exporter is ready.\n"u8.ToArray())
            : WriteAsync(
                context,
                StatusCodes.Status503ServiceUnavailable,
                Encoding.UTF8.GetBytes(age is null ? "No sample yet.\n" : $"The last sample is {age.Value.TotalSeconds:F1} s old.\n"));
}
