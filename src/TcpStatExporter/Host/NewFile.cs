namespace TcpStatExporter.Host;

/// <summary>A file that is written once, and never over another.</summary>
internal static class NewFile
{
    /// <summary>Makes the file and writes it.</summary>
    /// <param name="path">Path of the file. Nothing may be there, not even a link that leads nowhere.</param>
    /// <param name="content">All that it is to hold.</param>
    /// <param name="reason">Why it was not written.</param>
    /// <returns>False where it could not be written.</returns>
    public static bool TryWrite(string path, ReadOnlySpan<byte> content, out string reason) => TryWrite(path, content, FileOptions.None, out reason);

    /// <summary>Tries whether the file could be made, and leaves nothing behind.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="reason">Why it could not be made.</param>
    public static bool CanWrite(string path, out string reason) => TryWrite(path, [], FileOptions.DeleteOnClose, out reason);

    private static bool TryWrite(string path, ReadOnlySpan<byte> content, FileOptions options, out string reason)
    {
        reason = "";
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, options);
            file.Write(content);
            return true;
        }
        catch (IOException) when (Exists(path))
        {
            reason = "there is a file already, and it is left as it is";
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            reason = e.Message;
            return false;
        }
    }

    private static bool Exists(string path) => System.IO.Path.Exists(path) || new FileInfo(path).LinkTarget is not null;
}
