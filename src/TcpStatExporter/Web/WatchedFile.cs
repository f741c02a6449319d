using TcpStatExporter.Kernel.Linux;

namespace TcpStatExporter.Web;

/// <summary>The state of a file before it is read.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Stamp">Its stamp at that time.</param>
internal readonly record struct WatchedFile(string Path, FileStamp Stamp)
{
    /// <summary>True if the file has changed, appeared or disappeared since.</summary>
    public bool HasChanged => FileStamp.Of(Path) != Stamp;

    /// <summary>Returns the current state of a file.</summary>
    /// <param name="path">Its path.</param>
    public static WatchedFile Now(string path) => new(path, FileStamp.Of(path));
}
