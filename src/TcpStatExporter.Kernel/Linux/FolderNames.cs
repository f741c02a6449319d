namespace TcpStatExporter.Kernel.Linux;

/// <summary>The names in a folder.</summary>
public static class FolderNames
{
    /// <summary>More are not looked at.</summary>
    private const int Most = 65_536;

    /// <summary>Lists them.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>Empty if the folder is not there, or cannot be read.</returns>
    public static IReadOnlyList<string> In(string path)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(path).Take(Most).Select(entry => Path.GetFileName(entry))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
