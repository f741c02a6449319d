using Microsoft.AspNetCore.Connections;

namespace TcpStatExporter.Web;

/// <summary>An address that could not be listened on. The message is one line.</summary>
/// <param name="message">What to tell a person.</param>
/// <param name="cause">What the web server threw.</param>
internal sealed class BindException(string message, Exception cause) : Exception(message, cause)
{
    /// <summary>Explains what the start of the web server threw; null where it was something else.</summary>
    /// <param name="failure">What it threw.</param>
    /// <param name="addresses">Where it was to listen: of most failures Kestrel does not say which address it was.</param>
    public static string? Explain(Exception failure, IReadOnlyList<ListenAddress> addresses) => failure switch
    {
        IOException { InnerException: AddressInUseException } => failure.Message.TrimEnd('.') + ". Is another exporter running?",
        IOException { InnerException: not null } => failure.Message,
        System.Net.Sockets.SocketException => $"Cannot listen on {string.Join(", ", addresses)}: {failure.Message}.",
        _ => null,
    };
}
