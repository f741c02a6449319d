namespace TcpStatExporter.Kernel.Linux;

/// <summary>A symbolic link.</summary>
public static class SymbolicLink
{
    /// <summary>What it points to, as it is written there.</summary>
    /// <param name="path">Path of the link.</param>
    /// <returns>Null where there is none, or it cannot be read.</returns>
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
