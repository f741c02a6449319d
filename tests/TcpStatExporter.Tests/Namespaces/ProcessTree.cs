using System.Globalization;

namespace TcpStatExporter.Tests.Namespaces;

/// <summary>A procfs of processes in several network namespaces, a kubelet's folder of logs, and names of namespaces.</summary>
internal sealed class ProcessTree : IDisposable
{
    public const string Id = "8f14e45fceea167a5a36dedd4bea2543c1b2a3d4e5f60718293a4b5c6d7e8f90";
    public const string Uid = "2f7b3c1a-0d5e-4f6a-9b8c-7d6e5f4a3b2c";

    private readonly TestFolder _folder = new();

    /// <summary>Makes one with a first process, which is in the host's namespace.</summary>
    public ProcessTree()
    {
        foreach (var folder in new[] { "proc", "log/pods", "log/containers", "netns" })
        {
            Directory.CreateDirectory(_folder.PathOf(folder));
        }

        Add(1, "host", "/init.scope");
        Directory.CreateSymbolicLink(Path.Combine(Procfs, "net"), Path.Combine(Procfs, "1/net"));
    }

    public string Procfs => _folder.PathOf("proc");

    public string Logs => _folder.PathOf("log");

    public string Named => _folder.PathOf("netns");

    /// <summary>Adds a process.</summary>
    /// <param name="pid">Its id.</param>
    /// <param name="ns">The namespace that it is in; made if there is none of this name.</param>
    /// <param name="cgroup">Path of its cgroup.</param>
    public void Add(int pid, string ns, string cgroup)
    {
        var net = _folder.PathOf($"ns-{ns}");
        if (!Directory.Exists(net))
        {
            Directory.CreateDirectory(net);
            foreach (var file in new[] { "tcp", "netstat", "snmp", "sockstat" })
            {
                File.WriteAllBytes(Path.Combine(net, file), Fixture.Bytes($"{Fixture.Idle}/proc/net/{file}"));
            }
        }

        var folder = Path.Combine(Procfs, pid.ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        Directory.CreateSymbolicLink(Path.Combine(folder, "net"), net);
        Write(pid, "cgroup", $"0::{cgroup}\n");
    }

    /// <summary>Writes a file of a process.</summary>
    public void Write(int pid, string name, string text) => File.WriteAllText(Path.Combine(Procfs, pid.ToString(CultureInfo.InvariantCulture), name), text);

    /// <summary>A process ends.</summary>
    public void End(int pid) => Directory.Delete(Path.Combine(Procfs, pid.ToString(CultureInfo.InvariantCulture)), recursive: true);

    /// <summary>A namespace counts.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="name">A counter of netstat or snmp.</param>
    /// <param name="added">What is added.</param>
    public void Count(string ns, string name, ulong added)
    {
        foreach (var file in new[] { "netstat", "snmp" })
        {
            var path = Path.Combine(_folder.PathOf($"ns-{ns}"), file);
            var lines = File.ReadAllLines(path);
            for (var i = 0; i + 1 < lines.Length; i += 2)
            {
                var at = Array.IndexOf(lines[i].Split(' '), name);
                if (at > 0 && (file == "netstat" || lines[i].StartsWith("Tcp:", StringComparison.Ordinal)))
                {
                    var values = lines[i + 1].Split(' ');
                    values[at] = (ulong.Parse(values[at], CultureInfo.InvariantCulture) + added).ToString(CultureInfo.InvariantCulture);
                    lines[i + 1] = string.Join(' ', values);
                }
            }

            // in place, as procfs: the same inode
            using var stream = new FileStream(path, FileMode.Truncate);
            using var writer = new StreamWriter(stream);
            writer.Write(string.Join('\n', lines) + "\n");
        }
    }

    /// <summary>The kubelet begins a pod.</summary>
    public void AddPodLogs(string name) => Directory.CreateDirectory(Path.Combine(Logs, "pods", name));

    public void Dispose() => _folder.Dispose();
}
