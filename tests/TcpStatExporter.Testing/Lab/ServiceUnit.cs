using System.Net;

namespace TcpStatExporter.Testing.Lab;

/// <summary>
/// A cgroup like those that systemd creates for services: sockets created inside report it as their owner. If no cgroup2
/// hierarchy is writable, the sockets have no owner, and <see cref="Name"/> is empty.
/// </summary>
internal sealed class ServiceUnit : IDisposable
{
    private const string Prefix = "tcpstat-";

    private static readonly Lazy<string?> Root = new(FindRoot);

    private readonly string? _path;

    /// <summary>Creates the cgroup.</summary>
    /// <param name="name">Name of the service, without a suffix.</param>
    public ServiceUnit(string name)
    {
        Name = "";
        if (Root.Value is not { } root)
        {
            return;
        }

        // the parent's name contains this process's pid, so services of two runs never collide
        _path = Path.Combine(root, $"{Prefix}{Environment.ProcessId}", Name = name + ".service");
        Directory.CreateDirectory(_path);
    }

    /// <summary>Its name in the exporter.</summary>
    public string Name { get; }

    /// <summary>Returns the name of a listener of the service: "127.0.0.1:80 (web.service)".</summary>
    /// <param name="listener">The listener's address.</param>
    public string Owning(IPEndPoint listener) => Name.Length > 0 ? $"{listener} ({Name})" : $"{listener}";

    /// <summary>Runs code as a process of the service. The kernel records the owner when a socket is created.</summary>
    /// <param name="work">Creates the sockets.</param>
    /// <typeparam name="T">The result type.</typeparam>
    public T Run<T>(Func<T> work) => _path is null ? work() : CgroupVisit.Run(_path, () => Root.Value!, work);

    public void Dispose()
    {
        if (_path is null)
        {
            return;
        }

        Directory.Delete(_path);
        try
        {
            Directory.Delete(Path.GetDirectoryName(_path)!);
        }
        catch (IOException)
        {
            // others are still in it, or the last of them has just removed it
        }
    }

    /// <summary>Returns this process's cgroup2 directory if it may create others below the root of the hierarchy.</summary>
    private static string? FindRoot()
    {
        var mount = File.ReadLines("/proc/self/mountinfo")
            .Select(line => line.Split(' '))
            .FirstOrDefault(words => words[Array.IndexOf(words, "-") + 1] is "cgroup2")?[4];
        var own = File.ReadLines("/proc/self/cgroup").FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?["0::".Length..];
        if (mount is null || own is null)
        {
            return null;
        }

        var path = Path.Join(mount, own);
        try
        {
            var trial = Directory.CreateDirectory(Path.Combine(path, $"{Prefix}{Environment.ProcessId}-trial"));
            try
            {
                return CgroupVisit.Run(trial.FullName, () => path, () => path);
            }
            finally
            {
                trial.Delete();
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
