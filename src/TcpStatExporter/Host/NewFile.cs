namespace TcpStatExporter.Host;

/// <summary>Writes a new file. Never overwrites an existing one.</summary>
internal static class NewFile
{
    /// <summary>Creates and writes the file.</summary>
    /// <param name="path">Path of the file. Nothing may exist there, not even a dangling link.</param>
    /// <param name="content">The complete content.</param>
    /// <param name="reason">Why it was not written.</param>
    /// <returns>False if it could not be written.</returns>
    public static bool TryWrite(string path, ReadOnlySpan<byte> content, out string reason) => TryWrite(path, content, FileOptions.None, out reason);

    /// <summary>Checks whether the file could be created. Leaves nothing behind.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="reason">Why it could not be created.</param>
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
