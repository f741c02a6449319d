
namespace TcpStatExporter.EndToEnd.Exporter;

/// <summary>
/// A copy of the assemblies that everybody may read, because nobody may have no access to the source tree. Deleted when it is
/// disposed.
/// </summary>
internal sealed class PublicCopy : IDisposable
{
    private readonly DirectoryInfo _folder;

    /// <summary>Creates the copy, or skips the test if no program can run as nobody.</summary>
    public PublicCopy()
    {
        Requires.Program("setpriv");
        _folder = Directory.CreateTempSubdirectory("tcpstat-");
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
        foreach (var path in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            var copy = Path.Combine(Folder, Path.GetFileName(path));
            File.Copy(path, copy);
            File.SetUnixFileMode(copy, (UnixFileMode)0b110_100_100);
        }
    }

    /// <summary>Path of the copy.</summary>
    public string Folder => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
