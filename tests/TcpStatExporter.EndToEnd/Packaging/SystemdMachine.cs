using System.Globalization;
using Xunit;

namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>
/// A Debian with systemd as its first process, in a container with its own network. Its root is created once and cached. What
/// a run writes is in a layer above, which is deleted afterwards.
/// </summary>
public sealed class SystemdMachine : IDisposable
{
    private const string Release = "bookworm";

    /// <summary>Exit code of systemd-nspawn if its machine reboots, so the service manager restarts it.</summary>
    private const int Rebooted = 133;

    private const string Packages = "systemd,systemd-sysv,dbus,curl,iproute2";

    private static readonly TimeSpan BootstrapLimit = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(5);

    private DirectoryInfo? _folder;
    private ChildProcess? _container;
    private int _leader;
    private bool _isUp;
    private string _cursor = "";

    /// <summary>Its root, as seen from outside.</summary>
    private string Root => Path.Combine(_folder!.FullName, "root");

    /// <summary>Boots it the first time. Skips the test if that is not possible here.</summary>
    public void Boot()
    {
        Requires.RootAndIp();
        Requires.Program("systemd-nspawn");
        if (_isUp)
        {
            return;
        }

        if (_container is null)
        {
            Begin();
        }

        Wait.Until(
            () => !_container!.HasExited && (_leader = Leader()) > 0 && TryRun("systemctl", "is-system-running").Output.Trim() is "running" or "degraded",
            () => $"systemd runs; {_container!.Output}{_container.Error}",
            BootLimit,
            TimeSpan.FromMilliseconds(200));
        Run("ip", "link", "set", "lo", "up");
        _isUp = true;
    }

    /// <summary>Reboots it and waits until it is up again.</summary>
    public void Reboot()
    {
        // the end of the command may be cut off
        TryRun("systemctl", "reboot");
        var code = _container!.WaitForExit(BootLimit);
        if (code != Rebooted)
        {
            throw new InvalidOperationException($"it ended with {code} rather than a reboot: {_container.Output}{_container.Error}");
        }

        _container.Dispose();
        RemoveCgroups();
        _isUp = false;
        Start();
        Boot();
    }

    private void Begin()
    {
        var lower = Base();
        _folder = Directory.CreateTempSubdirectory("tcpstat-machine-");
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_101_101);
        var (upper, work) = (_folder.CreateSubdirectory("upper").FullName, _folder.CreateSubdirectory("work").FullName);
        _folder.CreateSubdirectory("root");
        var mounted = ChildProcess.Run("mount", ["-t", "overlay", "overlay", "-o", $"lowerdir={lower},upperdir={upper},workdir={work}", Root]);
        Assert.SkipWhen(mounted.ExitCode != 0, $"this machine refuses an overlay: {mounted.Error.Trim()}");

        Start();
    }

    private void Start() =>
        // only in the unified hierarchy do sockets name their owner
        _container = ChildProcess.Start(
            "systemd-nspawn",
            ["-D", Root, "-M", $"tcpstat-{Environment.ProcessId}", "--boot", "--register=no", "--keep-unit", "--private-network", "--console=pipe"],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["SYSTEMD_NSPAWN_UNIFIED_HIERARCHY"] = "1" });

    /// <summary>Runs a command inside until it ends.</summary>
    /// <param name="command">Program and arguments.</param>
    internal CommandResult TryRun(params string[] command) => ChildProcess.Run(
        "nsenter",
        ["-t", _leader.ToString(CultureInfo.InvariantCulture), "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w",
            "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_PAGER=", "DEBIAN_FRONTEND=noninteractive", .. command],
        CommandLimit);

    /// <summary>Runs a command inside that must succeed.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <returns>Its output, without the last line break.</returns>
    public string Run(params string[] command) => TryRun(command).Checked().TrimEnd('\n');

    /// <summary>Returns a property of the exporter's unit.</summary>
    /// <param name="property">Its name.</param>
    public string Show(string property) => Run("systemctl", "show", "--value", "-p", property, "tcpstat-exporter.service");

    /// <summary>
    /// Returns the exporter's log in the journal, including systemd's messages about it, since <see cref="BeginJournal"/>.
    /// </summary>
    /// <param name="options">Options for journalctl.</param>
    public string Journal(params string[] options) =>
        Run(["journalctl", "--no-pager", "-o", "cat", "-u", "tcpstat-exporter.service", $"--after-cursor={_cursor}", .. options]);

    /// <summary>Marks the point from which the journal is read.</summary>
    public void BeginJournal() =>
        _cursor = Run("journalctl", "--no-pager", "-o", "cat", "-n", "1", "--show-cursor").Split("-- cursor: ")[^1];

    /// <summary>Runs rpm on the machine's packages from outside, because the machine is a Debian without rpm.</summary>
    /// <param name="arguments">Its arguments in addition to --root.</param>
    public void Rpm(params string[] arguments) => ChildProcess.Run("rpm", ["--root", Root, "--nodeps", .. arguments], CommandLimit).Checked();

    /// <summary>Copies a file into the machine.</summary>
    /// <param name="source">The file.</param>
    /// <param name="destination">The destination, from the machine's root.</param>
    public void Copy(string source, string destination) => File.Copy(source, Path.Join(Root, destination), overwrite: true);

    /// <summary>Writes a file in the machine.</summary>
    /// <param name="path">The path, from the machine's root.</param>
    /// <param name="text">The text.</param>
    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Join(Root, path))!);
        File.WriteAllText(Path.Join(Root, path), text);
    }

    /// <summary>Returns the outside pid of a process inside.</summary>
    /// <param name="pid">Its pid inside.</param>
    public int Outside(int pid)
    {
        // NSpid: the pids from the outermost namespace to the innermost
        var inside = pid.ToString(CultureInfo.InvariantCulture);
        var pidNamespace = new FileInfo($"/proc/{_leader}/ns/pid").LinkTarget;
        return Directory.EnumerateDirectories("/proc")
            .Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]))
            .Where(folder => TryRead($"{folder}/status").Split('\n').Any(line => line.StartsWith("NSpid:", StringComparison.Ordinal) && line.EndsWith("\t" + inside, StringComparison.Ordinal)))
            .Where(folder => new FileInfo($"{folder}/ns/pid").LinkTarget == pidNamespace)
            .Select(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture))
            .Single();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_container is not null && !_container.HasExited)
        {
            _container.Signal(Libc.SigTerm);
            try
            {
                _container.WaitForExit(TimeSpan.FromSeconds(30));
            }
            catch (TimeoutException)
            {
                // killed below
            }
        }

        _container?.Dispose();
        RemoveCgroups();
        if (_folder is not null)
        {
            ChildProcess.Run("umount", ["-l", Root]);
            _folder.Delete(recursive: true);
        }
    }

    /// <summary>Removes the cgroups that the container left below this process's own.</summary>
    private static void RemoveCgroups()
    {
        var mount = File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(' ')).FirstOrDefault(words => words[Array.IndexOf(words, "-") + 1] is "cgroup2")?[4];
        var own = File.ReadLines("/proc/self/cgroup").FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?["0::".Length..];
        foreach (var top in (string[])["payload", "supervisor"])
        {
            if (Path.Join(mount, own, top) is var path && mount is not null && Directory.Exists(path))
            {
                foreach (var cgroup in Directory.GetDirectories(path, "*", SearchOption.AllDirectories).Append(path).OrderByDescending(cgroup => cgroup.Length))
                {
                    try
                    {
                        Directory.Delete(cgroup);
                    }
                    catch (IOException)
                    {
                        // belongs to another container
                    }
                }
            }
        }
    }

    private static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            // it ended
            return "";
        }
    }

    /// <summary>Returns the root without any of our files. Creates it if it is not cached.</summary>
    private static string Base()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } home ? home : "/var/cache";
        var path = Path.Combine(cache, "tcpstat-exporter-tests", Release);
        if (!Directory.Exists(path))
        {
            Requires.Program("debootstrap");
            var unfinished = $"{path}.{Environment.ProcessId}";
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var made = ChildProcess.Run("debootstrap", ["--variant=minbase", $"--include={Packages}", Release, unfinished], BootstrapLimit);
            if (made.ExitCode != 0)
            {
                Directory.Delete(unfinished, recursive: true);
                Assert.SkipWhen(true, $"debootstrap cannot make a root: {made.Error}{made.Output.Split('\n').LastOrDefault(line => line.Length > 0)}");
            }

            Directory.Move(unfinished, path);
        }

        return path;
    }

    private int Leader() =>
        int.TryParse(TryRead($"/proc/{_container!.Id}/task/{_container.Id}/children").Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0;
}
