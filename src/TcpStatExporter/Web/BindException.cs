using Microsoft.AspNetCore.Connections;

namespace TcpStatExporter.Web;

/// <summary>The web server could not listen on an address. The message is one line.</summary>
/// <param name="message">The message for a person.</param>
/// <param name="cause">What the web server threw.</param>
internal sealed class BindException(string message, Exception cause) : Exception(message, cause)
{
    /// <summary>Explains an exception from the start of the web server. Returns null if it has another cause.</summary>
    /// <param name="failure">The exception.</param>
    /// <param name="addresses">The addresses to listen on. For most failures, Kestrel does not say which address failed.</param>
    public static string? Explain(Exception failure, IReadOnlyList<ListenAddress> addresses) => failure switch
    {
        IOException { InnerException: AddressInUseException } => failure.Message.TrimEnd('.') + ". Is another exporter running?",
        IOException { InnerException: not null } => failure.Message,
        System.Net.Sockets.SocketException => $"Cannot listen on {string.Join(", ", addresses)}: {failure.Message}.",
        _ => null,
    };
}
