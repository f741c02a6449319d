using TcpStatExporter.Logging;

namespace TcpStatExporter.Web;

/// <summary>
/// The web configuration cannot be used. The message is one line that names the file and, if known, the line and the key.
/// </summary>
/// <param name="message">What is wrong.</param>
/// <param name="mayPass">The error may go away without a change to a file, so it is worth retrying.</param>
internal sealed class WebConfigException(string message, bool mayPass = false) : Exception(OneLine(message))
{
    /// <summary>Maximum length of the message. A value can be as long as its file.</summary>
    private const int MaxLength = 1000;

    /// <summary>
    /// True if the error may go away without a change to a file, such as a read that failed because descriptors ran out.
    /// </summary>
    public bool MayPass => mayPass;

    private static string OneLine(string message)
    {
        var line = PlainText.OneLine(message);
        return line.Length <= MaxLength ? line : $"{line.AsSpan(0, MaxLength)}... (cut off).";
    }
}
