using System.Net;
using System.Runtime.InteropServices;
using TcpStatExporter.EndToEnd.Truth;
using Xunit;

namespace TcpStatExporter.EndToEnd.Advisor;

/// <summary>
/// A service that hangs, in its own cgroup as systemd would create it: an exporter stopped by a signal, and more clients than
/// its accept queue holds.
/// </summary>
internal sealed class HungListener : IDisposable
{
    private const int SigContinue = 18;
    private const int SigStop = 19;
    private const int Port = 8080;

    private readonly List<KernelSocket> _clients = [];
    private readonly NetNamespace _ns;
    private readonly string _cgroup;
    private readonly ChildProcess _service;

    /// <summary>Creates it, or skips the test if cgroups cannot be created.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="clients">Number of clients that connect.</param>
    public HungListener(NetNamespace ns, int clients)
    {
        _ns = ns;
        Unit = $"tcpstat-hung-{Environment.ProcessId}.service";
        _cgroup = Path.Combine(Mount(), Unit);
        try
        {
            Directory.CreateDirectory(_cgroup);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Assert.SkipWhen(condition: true, $"this machine refuses a cgroup: {exception.Message}");
        }

        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));
        var program = Path.Combine(AppContext.BaseDirectory, "tcpstat-exporter.dll");
        _service = ns.Start("sh", ["-c", "echo $$ >\"$1\" && exec \"$2\" \"$3\" --web.listen-address=\"$4\"", "sh", Path.Combine(_cgroup, "cgroup.procs"), host, program, $"{Listener}"]);
        try
        {
            Wait.Until(() => TryConnect(ns), () => $"the service listens; stderr: {_service.Error}", TimeSpan.FromMinutes(1));
            _service.Signal(SigStop);
            ns.Run(() =>
            {
                for (var i = 0; i < clients; i++)
                {
                    _clients.Add(KernelSocket.Connecting(Listener));
                }
            });
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The address that it listens on.</summary>
    public IPEndPoint Listener { get; } = new(IPAddress.Loopback, Port);

    /// <summary>The unit that owns it.</summary>
    public string Unit { get; }

    /// <summary>Resumes the service, closes the clients, and waits until the queue is empty.</summary>
    public void Continue()
    {
        CloseClients();
        _service.Signal(SigContinue);
        Wait.Until(() => Ss.Listener(_ns, Listener).ReceiveQueue == 0, () => "nobody waits to be accepted");
    }

    public void Dispose()
    {
        CloseClients();
        _service.Dispose();
        Wait.Until(() => File.ReadAllText(Path.Combine(_cgroup, "cgroup.procs")).Length == 0, () => $"{_cgroup} is empty");
        Directory.Delete(_cgroup);
    }

    private static string Mount()
    {
        Requires.RootAndIp();
        var mount = File.ReadLines("/proc/self/mountinfo")
            .Select(line => line.Split(" - "))
            .Where(halves => halves[1].StartsWith("cgroup2 ", StringComparison.Ordinal))
            .Select(halves => halves[0].Split(' ')[4])
            .FirstOrDefault();
        Assert.SkipWhen(mount is null, "cgroup2 is not mounted");
        return mount!;
    }

    private bool TryConnect(NetNamespace ns) => ns.Run(() =>
    {
        using var client = KernelSocket.Tcp();
        return client.TryConnect(Listener) == 0;
    });

    private void CloseClients()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        _clients.Clear();
    }
}
