using System.Globalization;
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

    private readonly NetNamespace _ns = NetNamespace.Create();
    private readonly List<string> _folders = [];
    private readonly List<KernelSocket> _sockets = [];
    private readonly ChildProcess _process;

    /// <summary>Starts it.</summary>
    /// <param name="cgroup">Path of its cgroup, without a slash before it.</param>
    public LabPod(string cgroup)
    {
        var folder = Root();
        foreach (var name in cgroup.Split('/'))
        {
            folder = Path.Combine(folder, name);
            if (!Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder);
                _folders.Add(folder);
            }
        }

        Processes = Path.Combine(folder, "cgroup.procs");
        _process = _ns.Start("sleep", ["600"]);
        File.WriteAllText(Processes, _process.Id.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Its first process.</summary>
    public int Pid => _process.Id;

    /// <summary>The file that takes processes into its cgroup.</summary>
    public string Processes { get; }

    /// <summary>A listener in it that never accepts loses connections.</summary>
    /// <param name="clients">Clients, of which the first two find room.</param>
    public void Overflow(int clients)
    {
        var listener = _ns.Run(() =>
        {
            var socket = KernelSocket.Tcp();
            socket.Bind(new IPEndPoint(IPAddress.Loopback, Port));
            socket.Listen(1);
            return socket;
        });
        _sockets.Add(listener);
        _sockets.AddRange(_ns.Run(() => Enumerable.Range(0, clients).Select(_ => KernelSocket.Connecting(new IPEndPoint(IPAddress.Loopback, Port))).ToArray()));
    }

    public void Dispose()
    {
        _sockets.ForEach(socket => socket.Dispose());
        _process.Dispose();
        _ns.Dispose();
        foreach (var folder in Enumerable.Reverse(_folders))
        {
            Wait.Until(() => TryDelete(folder), () => $"{folder} is empty");
        }
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
