namespace TcpStatExporter.Web;

/// <summary>A web configuration that cannot be used. The message is one line that names the file and, where there is one, line and key.</summary>
/// <param name="message">What is wrong.</param>
internal sealed class WebConfigException(string message) : Exception(message.ReplaceLineEndings(" "));
