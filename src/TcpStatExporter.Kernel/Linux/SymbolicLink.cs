namespace TcpStatExporter.Kernel.Linux;

/// <summary>A symbolic link.</summary>
public static class SymbolicLink
{
    /// <summary>Returns the target as written in the link.</summary>
    /// <param name="path">Path of the link.</param>
    /// <returns>Null if there is no such link or it cannot be read.</returns>
    public static string? Target(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
