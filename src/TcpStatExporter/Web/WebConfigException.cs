using TcpStatExporter.Logging;

namespace TcpStatExporter.Web;

/// <summary>A web configuration that cannot be used. The message is one line that names the file and, where there is one, line and key.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="mayPass">The fault may pass although no file changes: it is worth another look.</param>
internal sealed class WebConfigException(string message, bool mayPass = false) : Exception(OneLine(message))
{
    /// <summary>Longest message: a value may be as long as its file.</summary>
    private const int MaxLength = 1000;

    /// <summary>Whether the fault may pass although no file changes, such as a read that failed for want of descriptors.</summary>
    public bool MayPass => mayPass;

    private static string OneLine(string message)
    {
        var line = PlainText.OneLine(message);
        return line.Length <= MaxLength ? line : $"{line.AsSpan(0, MaxLength)}... (cut off).";
    }
}
