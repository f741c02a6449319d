namespace TcpStatExporter.Testing;

/// <summary>A folder for the files of a test, deleted with it.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-web-");

    /// <summary>Path of the folder.</summary>
    public string Path => _folder.FullName;

    /// <summary>Path of a file in it.</summary>
    /// <param name="name">Its name.</param>
    public string PathOf(string name) => System.IO.Path.Combine(_folder.FullName, name);

    /// <summary>Puts a file in place at once, as tools that renew certificates do.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">Its text.</param>
    public void Write(string name, string text)
    {
        File.WriteAllText(PathOf(name + ".new"), text);
        File.Move(PathOf(name + ".new"), PathOf(name), overwrite: true);
    }

    /// <summary>Writes a certificate and its key, as NAME.pem and NAME.key.</summary>
    /// <param name="name">The name.</param>
    /// <param name="pair">The two.</param>
    public void Write(string name, (string Certificate, string Key) pair)
    {
        Write(name + ".key", pair.Key);
        Write(name + ".pem", pair.Certificate);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
