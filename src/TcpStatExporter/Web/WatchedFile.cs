using TcpStatExporter.Kernel.Linux;

namespace TcpStatExporter.Web;

/// <summary>A file that is about to be read, as it was before.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Stamp">What it was.</param>
internal readonly record struct WatchedFile(string Path, FileStamp Stamp)
{
    /// <summary>Whether it is another one now, or came, or went.</summary>
    public bool HasChanged => FileStamp.Of(Path) != Stamp;

    /// <summary>A file as it is now.</summary>
    /// <param name="path">Its path.</param>
    public static WatchedFile Now(string path) => new(path, FileStamp.Of(path));
}
