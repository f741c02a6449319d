using System.Text;
using Microsoft.AspNetCore.Http;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Web;

/// <summary>Answers every request: four paths, GET and HEAD.</summary>
/// <param name="metrics">Serves the metrics.</param>
/// <param name="telemetryPath">Path of the metrics.</param>
/// <param name="store">Where samples are published.</param>
/// <param name="time">The clock that samples run on.</param>
/// <param name="freshness">Age up to which a sample counts as fresh.</param>
internal sealed class RequestHandler(MetricsHandler metrics, string telemetryPath, SampleStore store, TimeProvider time, TimeSpan freshness)
{
    private const string PlainText = "text/plain; charset=utf-8";

    private readonly byte[] _landingPage = Encoding.UTF8.GetBytes($"""
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>tcpstat-exporter</title></head>
        <body>
        <h1>tcpstat-exporter</h1>
        <p>TCP state of this host, sampled each second. Version {BuildInfo.Version}.</p>
        <ul>
        <li><a href="{System.Net.WebUtility.HtmlEncode(telemetryPath)}">Metrics</a></li>
        <li><a href="/-/healthy">Health</a>: the process answers</li>
        <li><a href="/-/ready">Readiness</a>: a fresh sample exists</li>
        </ul>
        </body>
        </html>

        """);

    /// <summary>Answers one request.</summary>
    /// <param name="context">The request, and its answer.</param>
    public Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var isMetrics = path == telemetryPath;
        if (!isMetrics && path is not ("/" or "/-/healthy" or "/-/ready"))
        {
            return WriteAsync(context, StatusCodes.Status404NotFound, PlainText, "404 Not Found\n"u8.ToArray());
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, PlainText, "405 Method Not Allowed\n"u8.ToArray());
        }

        if (isMetrics)
        {
            return metrics.HandleAsync(context);
        }

        return path switch
        {
            "/-/healthy" => WriteAsync(context, StatusCodes.Status200OK, PlainText, "tcpstat-exporter is healthy.\n"u8.ToArray()),
            "/-/ready" => Ready(context),
            _ => WriteLandingPage(context),
        };
    }

    private static Task WriteAsync(HttpContext context, int status, string contentType, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.Body.WriteAsync(body, 0, body.Length);
    }

    private Task Ready(HttpContext context)
    {
        var age = store.Age(time);
        return age <= freshness
            ? WriteAsync(context, StatusCodes.Status200OK, PlainText, "tcpstat-exporter is ready.\n"u8.ToArray())
            : WriteAsync(
                context,
                StatusCodes.Status503ServiceUnavailable,
                PlainText,
                Encoding.UTF8.GetBytes(age is null ? "No sample yet.\n" : $"The last sample is {age.Value.TotalSeconds:F1} s old.\n"));
    }

    private Task WriteLandingPage(HttpContext context)
    {
        // unless the web configuration has one
        context.Response.Headers.TryAdd("Content-Security-Policy", "default-src 'none'");
        return WriteAsync(context, StatusCodes.Status200OK, "text/html; charset=utf-8", _landingPage);
    }
}
