namespace TcpStatExporter.Testing;

/// <summary>A directory for the files of a test. Deleted at the end.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-web-");

    /// <summary>Path of the directory.</summary>
    public string Path => _folder.FullName;

    /// <summary>Returns the path of a file in it.</summary>
    /// <param name="name">Its name.</param>
    public string PathOf(string name) => System.IO.Path.Combine(_folder.FullName, name);

    /// <summary>Writes a file atomically, as tools that renew certificates do.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">Its text.</param>
    public void Write(string name, string text)
    {
        File.WriteAllText(PathOf(name + ".new"), text);
        File.Move(PathOf(name + ".new"), PathOf(name), overwrite: true);
    }

    /// <summary>Writes a certificate and its key, as NAME.pem and NAME.key.</summary>
    /// <param name="name">The name.</param>
    /// <param name="pair">The certificate and its key.</param>
    public void Write(string name, (string Certificate, string Key) pair)
    {
        Write(name + ".key", pair.Key);
        Write(name + ".pem", pair.Certificate);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
