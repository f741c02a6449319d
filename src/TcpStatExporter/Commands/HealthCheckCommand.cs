using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using TcpStatExporter.Host;
using TcpStatExporter.Web;

namespace TcpStatExporter.Commands;

/// <summary>
/// Asks the exporter on this host whether it is ready, for the health check of a container without a shell or curl. An answer
/// that demands a password or a client certificate counts as ready, and so does one that rejects too many requests
/// (rate_limit in the web configuration): the web server is alive and tells strangers no more.
/// </summary>
internal static class HealthCheckCommand
{
    private const int Unhealthy = 1;
    private const string WantsCertificate = "it wants a client's certificate";

    /// <summary>Status codes that show a live web server.</summary>
    private static readonly string[] Alive = ["200", "401", "429"];

    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(4);

    /// <summary>Asks once.</summary>
    /// <param name="options">The health check asks the first listen address.</param>
    /// <param name="patience">Maximum time to wait for an answer. Default: four seconds.</param>
    /// <returns>0 if it is ready. 1 if it is not, or does not answer in time.</returns>
    public static async Task<int> RunAsync(ExporterOptions options, TimeSpan? patience = null)
    {
        var most = patience ?? DefaultPatience;
        var (address, port) = options.Web.ListenAddresses[0];
        var exporter = new IPEndPoint(Reachable(address), port);
        using var limit = new CancellationTokenSource(most);
        string answer;
        try
        {
            // a TLS port closes the connection on plain HTTP, or answers with a TLS alert
            var plain = await AskAsync(exporter, limit.Token);
            answer = plain.StartsWith("HTTP/", StringComparison.Ordinal) ? plain : await AskByTlsAsync(exporter, limit.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            answer = e is OperationCanceledException ? $"no answer within {most.TotalSeconds} s" : e.Message;
        }

        try
        {
            await Console.Out.WriteLineAsync($"{exporter}: {answer}");
        }
        catch (StandardStreamException)
        {
            // the caller only checks the exit code
        }

        var isAlive = Array.Exists(Alive, status => answer.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal));
        return isAlive || answer == WantsCertificate ? 0 : Unhealthy;
    }

    private static IPAddress Reachable(IPAddress? address) =>
        address is null || address.Equals(IPAddress.Any) ? IPAddress.Loopback
        : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
        : address;

    /// <summary>Returns the status line of the answer. Empty if the server closed the connection.</summary>
    private static async Task<string> AskAsync(IPEndPoint exporter, CancellationToken cancellation)
    {
        using var client = new TcpClient(exporter.AddressFamily);
        await client.ConnectAsync(exporter, cancellation);
        await using var stream = client.GetStream();
        return await AskAsync(stream, cancellation);
    }

    private static async Task<string> AskByTlsAsync(IPEndPoint exporter, CancellationToken cancellation)
    {
        using var client = new TcpClient(exporter.AddressFamily);
        await client.ConnectAsync(exporter, cancellation);
        var isTls = false;
        HomeFolder.Ensure();
#pragma warning disable CA5359, MA0039 // asks only itself, on this host, and sends nothing secret
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => isTls = true);
#pragma warning restore CA5359, MA0039
        var answer = "";
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, cancellation);
            answer = await AskAsync(stream, cancellation);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // before TLS 1.3, a missing certificate ends the handshake; since TLS 1.3, the data after it
        }

        return answer.Length > 0 ? answer : isTls ? WantsCertificate : "it hangs up";
    }

    private static async Task<string> AskAsync(Stream stream, CancellationToken cancellation)
    {
        try
        {
            await stream.WriteAsync("GET /-/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellation);
            var buffer = new byte[512];
            var length = await stream.ReadAtLeastAsync(buffer, "HTTP/1.1 200 ".Length, throwOnEndOfStream: false, cancellation);
            return Encoding.ASCII.GetString(buffer, 0, length).Split('\r')[0];
        }
        catch (IOException)
        {
            return "";
        }
    }
}
