
namespace TcpStatExporter.EndToEnd.Exporter;

/// <summary>A copy of the assemblies where everybody may read them: the source tree may be where nobody cannot. It is gone with its user.</summary>
internal sealed class PublicCopy : IDisposable
{
    private readonly DirectoryInfo _folder;

    /// <summary>Makes it, or skips the test where no program can become nobody.</summary>
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

    /// <summary>Where it is.</summary>
    public string Folder => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
