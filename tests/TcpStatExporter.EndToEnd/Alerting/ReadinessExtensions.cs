using System.Net;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>Waits for Prometheus and Alertmanager, which have the same readiness check.</summary>
internal static class ReadinessExtensions
{
    /// <summary>Waits until a server is ready.</summary>
    /// <param name="process">The server.</param>
    /// <param name="http">A client for it.</param>
    /// <param name="limit">Time limit.</param>
    /// <exception cref="InvalidOperationException">It ended instead.</exception>
    /// <exception cref="TimeoutException">It was not ready in time.</exception>
    public static void WaitUntilReady(this ChildProcess process, HttpClient http, TimeSpan limit) => Wait.Until(
        () =>
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"it ended before it was ready: {process.Output}{process.Error}");
            }

            try
            {
                using var response = http.GetAsync(new Uri("/-/ready", UriKind.Relative)).GetAwaiter().GetResult();
                return response.StatusCode == HttpStatusCode.OK;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        },
        () => $"ready: {process.Error}",
        limit);
}
