using System.Net;
using Xunit;

namespace TcpStatExporter.EndToEnd.Namespaces;

/// <summary>
/// A process in a network namespace of its own and in a cgroup of the form that a runtime makes, in whatever hierarchy this
/// machine has: what a container is to somebody who looks from outside.
/// </summary>
internal sealed class LabPod : IDisposable
{
    private const int Port = 21_080;

    // the parents that this process made. Pods share them, and the last one takes them away
    private static readonly HashSet<string> Parents = new(StringComparer.Ordinal);

    private readonly NetNamespace _ns = NetNamespace.Create();
    private readonly List<KernelSocket> _sockets = [];
    private readonly string _folder;
    private readonly ChildProcess _process;

    /// <summary>Starts it.</summary>
    /// <param name="cgroup">
    /// Path of its cgroup, without a slash before it. Runs of tests at the same time must not share a folder of it, since one
    /// would remove what the other is about to use.
    /// </param>
    public LabPod(string cgroup)
    {
        _folder = Path.Combine(Root(), cgroup);
        lock (Parents)
        {
            Parents.UnionWith(ParentsOf(_folder).TakeWhile(folder => !Directory.Exists(folder)));
            Directory.CreateDirectory(_folder);
        }

        Processes = Path.Combine(_folder, "cgroup.procs");
        _process = _ns.Start("sleep", ["600"]);
        CgroupVisit.Move(_folder, _process.Id);
    }

    /// <summary>Where its listener is, after <see cref="Overflow"/>.</summary>
    public static IPEndPoint Listener => new(IPAddress.Loopback, Port);

    /// <summary>Its network namespace.</summary>
    public NetNamespace Namespace => _ns;

    /// <summary>Its first process.</summary>
    public int Pid => _process.Id;

    /// <summary>The file that takes processes into its cgroup.</summary>
    public string Processes { get; }

    /// <summary>A listener in it that never accepts loses connections.</summary>
    /// <param name="clients">Clients, of which the first two find room.</param>
    public void Overflow(int clients)
    {
        Listen(Port, backlog: 1);
        Connect(Port, clients);
    }

    /// <summary>Adds a listener that never accepts. It belongs to the pod's cgroup, if that is of version 2.</summary>
    /// <param name="port">Its port.</param>
    /// <param name="backlog">Limit of its queue.</param>
    /// <param name="isShared">Others may share its address (SO_REUSEPORT).</param>
    public KernelSocket Listen(int port, int backlog, bool isShared = false)
    {
        var listener = CgroupVisit.Run(_folder, Home, () => _ns.Run(() =>
        {
            var socket = KernelSocket.Tcp();
            if (isShared)
            {
                socket.SetOption(Libc.SolSocket, Libc.SoReusePort, 1);
            }

            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(backlog);
            return socket;
        }));
        _sockets.Add(listener);
        return listener;
    }

    /// <summary>Clients in it connect to a listener in it.</summary>
    /// <param name="port">The listener's port.</param>
    /// <param name="clients">Number of clients.</param>
    public void Connect(int port, int clients) =>
        _sockets.AddRange(_ns.Run(() => Enumerable.Range(0, clients).Select(_ => KernelSocket.Connecting(new IPEndPoint(IPAddress.Loopback, port))).ToArray()));

    /// <summary>More clients for the listener that loses connections.</summary>
    /// <param name="clients">Number of clients.</param>
    public void Knock(int clients) => Connect(Port, clients);

    public void Dispose()
    {
        _sockets.ForEach(socket => socket.Dispose());
        _process.Dispose();
        _ns.Dispose();
        Wait.Until(() => TryDelete(_folder), () => $"{_folder} is empty, not: {File.ReadAllText(Processes)}");
        lock (Parents)
        {
            Parents.ExceptWith(ParentsOf(_folder).TakeWhile(folder => Parents.Contains(folder) && TryDelete(folder)).ToArray());
        }
    }

    /// <summary>The folders above a folder, the nearest first.</summary>
    private static IEnumerable<string> ParentsOf(string folder)
    {
        while (Path.GetDirectoryName(folder) is { } parent)
        {
            yield return folder = parent;
        }
    }

    /// <summary>The cgroup of this process in the same hierarchy.</summary>
    private static string Home()
    {
        var lines = File.ReadAllLines("/proc/self/cgroup").Select(line => line.Split(':', 3)).ToArray();
        var root = Root();
        var line = File.Exists(Path.Combine(root, "cgroup.controllers"))
            ? Array.Find(lines, parts => parts[0] == "0")
            : Array.Find(lines, parts => parts[1] == "name=systemd");
        return Path.Combine(root, line![2].TrimStart('/'));
    }

    private static bool TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder);
            return true;
        }
        catch (IOException)
        {
            // the kernel takes a moment to let a process go
            return false;
        }
    }

    /// <summary>Version 2, at its place or beside version 1; else systemd's own hierarchy, as a host of version 1 has it.</summary>
    private static string Root()
    {
        Requires.RootAndIp();
        var mounts = File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(" - ")).ToArray();
        var mount = Array.Find(mounts, halves => halves[1].StartsWith("cgroup2 ", StringComparison.Ordinal))
            ?? Array.Find(mounts, halves => halves[1].StartsWith("cgroup ", StringComparison.Ordinal) && halves[1].Contains("name=systemd", StringComparison.Ordinal));
        Assert.SkipWhen(mount is null, "no cgroup hierarchy is mounted");
        return mount![0].Split(' ')[4];
    }
}
