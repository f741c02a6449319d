using System.Globalization;
using System.Net;
using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;

namespace TcpStatExporter.Testing.Lab;

/// <summary>
/// A new network namespace with its loopback up. Its sockets, counters and net sysctls start fresh, and what a test does
/// there affects nothing else on the host. Its name contains the pid of its creator, so a later run can find what a killed
/// run left behind.
/// </summary>
internal sealed class NetNamespace : IDisposable
{
    public const string Prefix = "tcpstat-";

    private const string Folder = "/run/netns";
    private const string IPv6Addresses = "/proc/thread-self/net/if_inet6";

    private static readonly Lazy<bool> Swept = new(RemoveStale);
    private static int _made;

    private readonly Lock _lock = new();
    private readonly List<ChildProcess> _children = [];
    private readonly SafeFileHandle _handle;
    private int _links;
    private bool _disposed;

    private NetNamespace(string name)
    {
        Name = name;
        _handle = File.OpenHandle(Path.Combine(Folder, name));
    }

    /// <summary>Its name in ip-netns(8).</summary>
    public string Name { get; }

    /// <summary>Its file. Other threads can open it.</summary>
    public string FilePath => Path.Combine(Folder, Name);

    /// <summary>True if sockets in it can use IPv6.</summary>
    public bool HasIPv6 => Run(() => File.Exists(IPv6Addresses) && File.ReadAllText(IPv6Addresses).Length > 0);

    /// <summary>Creates a namespace, or skips the test if that is not possible.</summary>
    public static NetNamespace Create()
    {
        Requires.RootAndIp();
        _ = Swept.Value;
        var name = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _made)}";
        ChildProcess.Run("ip", ["netns", "add", name]).Checked();
        try
        {
            ChildProcess.Run("ip", ["-netns", name, "link", "set", "lo", "up"]).Checked();
            return new NetNamespace(name);
        }
        catch
        {
            ChildProcess.Run("ip", ["netns", "delete", name]);
            throw;
        }
    }

    /// <summary>
    /// Removes namespaces whose creator is gone, and kills what still runs in them. Runs automatically before the first
    /// namespace is created.
    /// </summary>
    /// <returns>True.</returns>
    public static bool RemoveStale()
    {
        foreach (var path in Directory.Exists(Folder) ? Directory.GetFiles(Folder, Prefix + "*") : [])
        {
            var name = Path.GetFileName(path);
            var maker = name[Prefix.Length..].Split('-')[0];
            if (int.TryParse(maker, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && !Directory.Exists($"/proc/{pid}"))
            {
                // another run may be removing them too
                Remove(name);
            }
        }

        return true;
    }

    /// <summary>
    /// Connects two namespaces with a veth pair that has an IPv4 address at each end. Each end knows the other's link
    /// address, so no segment waits for ARP or is lost because of it.
    /// </summary>
    /// <param name="first">One end, 10.201.n.1.</param>
    /// <param name="second">The other end, 10.201.n.2.</param>
    /// <returns>The addresses of both ends.</returns>
    public static (IPAddress First, IPAddress Second) Join(NetNamespace first, NetNamespace second)
    {
        var number = Math.Max(first._links, second._links);
        first._links = second._links = number + 1;
        var device = $"veth{number}";
        string[] links = [$"02:00:0a:c9:{number:x2}:01", $"02:00:0a:c9:{number:x2}:02"];
        string[] addresses = [$"10.201.{number}.1", $"10.201.{number}.2"];
        ChildProcess.Run("ip", ["link", "add", device, "address", links[0], "netns", first.Name, "type", "veth", "peer", "name", device, "address", links[1], "netns", second.Name]).Checked();
        first.SetUp(device, addresses[0]);
        second.SetUp(device, addresses[1]);
        first.SetNeighbour(device, addresses[1], links[1]);
        second.SetNeighbour(device, addresses[0], links[0]);
        return (IPAddress.Parse(addresses[0]), IPAddress.Parse(addresses[1]));
    }

    /// <summary>Runs code on a separate thread inside the namespace. Sockets created there stay there.</summary>
    /// <param name="work">The code. Its exceptions are rethrown.</param>
    /// <typeparam name="T">The result type.</typeparam>
    public T Run<T>(Func<T> work)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        T? result = default;
        ExceptionDispatchInfo? thrown = null;

        // setns changes the calling thread, so a thread that was inside must not return to the pool
        var thread = new Thread(() =>
        {
            try
            {
                Libc.Check(Libc.SetNamespace(_handle, Libc.CloneNewNet), "setns");
                result = work();
            }
            catch (Exception exception)
            {
                thrown = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            IsBackground = true,
            Name = Name,
        };
        thread.Start();
        thread.Join();
        thrown?.Throw();
        return result!;
    }

    /// <inheritdoc cref="Run{T}"/>
    public void Run(Action work) =>
        Run(() =>
        {
            work();
            return true;
        });

    /// <summary>Runs a command inside until it ends, for at most one minute.</summary>
    /// <param name="program">Its name or path.</param>
    /// <param name="arguments">Its arguments.</param>
    public CommandResult Exec(string program, params string[] arguments) =>
        ChildProcess.Run("nsenter", [$"--net={Folder}/{Name}", "--", program, .. arguments]);

    /// <summary>
    /// Starts a program inside. It ends with the namespace at the latest. nsenter(1) replaces itself with the program, so the
    /// pid is the program's. Unlike ip-netns-exec(8), it leaves /sys and the cgroups below it unchanged.
    /// </summary>
    /// <param name="program">Its name or path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables to set in addition to those of this process. Null removes a variable.</param>
    public ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var child = ChildProcess.Start("nsenter", [$"--net={Folder}/{Name}", "--", program, .. arguments], environment);
        lock (_lock)
        {
            _children.Add(child);
        }

        return child;
    }

    /// <summary>Sets a kernel parameter in this namespace.</summary>
    /// <param name="name">Its name in sysctl(8), below net.</param>
    /// <param name="value">Its value.</param>
    public void SetSysctl(string name, string value) => Run(() => File.WriteAllText(SysctlPath(name), value));

    /// <summary>Returns a kernel parameter of this namespace.</summary>
    /// <param name="name">Its name in sysctl(8), below net.</param>
    public string GetSysctl(string name) => Run(() => File.ReadAllText(SysctlPath(name))).TrimEnd('\n');

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        lock (_lock)
        {
            foreach (var child in _children)
            {
                child.Dispose();
            }
        }

        _handle.Dispose();
        Remove(Name).Checked();
    }

    private static CommandResult Remove(string name)
    {
        // it reads every process, which is slow if there are many and the CPU is busy
        var pids = ChildProcess.Run("ip", ["netns", "pids", name], TimeSpan.FromSeconds(60)).Output;
        foreach (var line in pids.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // this process has a thread inside only for a moment, and none while it removes the namespace
            if (int.TryParse(line, out var pid) && pid != Environment.ProcessId)
            {
                _ = Libc.Kill(pid, Libc.SigKill);
            }
        }

        return ChildProcess.Run("ip", ["netns", "delete", name]);
    }

    // /proc/sys shows the network namespace of the thread that opens it
    private static string SysctlPath(string name) => name.StartsWith("net.", StringComparison.Ordinal)
        ? "/proc/sys/" + name.Replace('.', '/')
        : throw new ArgumentException("only net.* belongs to a network namespace", nameof(name));

    private void SetUp(string device, string address)
    {
        ChildProcess.Run("ip", ["-netns", Name, "address", "add", address + "/24", "dev", device]).Checked();
        ChildProcess.Run("ip", ["-netns", Name, "link", "set", device, "up"]).Checked();
    }

    /// <summary>Sets the neighbour once the device is up, which needs both of its ends.</summary>
    private void SetNeighbour(string device, string address, string link)
    {
        Wait.Until(
            () => ChildProcess.Run("ip", ["-netns", Name, "link", "show", "dev", device]).Checked().Contains(" state UP ", StringComparison.Ordinal),
            () => $"{device} in operation");
        ChildProcess.Run("ip", ["-netns", Name, "neighbour", "add", address, "lladdr", link, "dev", device, "nud", "permanent"]).Checked();
    }
}
