using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using TcpStatExporter.Commands;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling.Procfs;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

/// <summary>Sockets and listeners from the same rows.</summary>
public sealed class ProcfsSocketTests : IDisposable
{
    private const string Header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("tcpstat-proc-");
    private readonly TcpSnapshot _snapshot = new();

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Listeners_behind_connections_are_found()
    {
        Write(Connection(80), Listener(80), Connection(80), Listener(81));
        using var pass = new NetTcpPass(NetNamespace.OfProcfs(Path.GetDirectoryName(Net)!), CancellationToken.None);
        using var listeners = new ProcfsListenerSource(pass);
        listeners.Read(_snapshot).ShouldBe(ReadResult.Ok);
        Ports(_snapshot).ShouldBe([80, 81]);
    }

    [Fact]
    public void The_rows_read_for_the_sockets_serve_the_listeners_once()
    {
        Write(Listener(80));
        using var pass = new NetTcpPass(NetNamespace.OfProcfs(Path.GetDirectoryName(Net)!), CancellationToken.None);
        using var sockets = new ProcfsSocketSource(pass);
        using var listeners = new ProcfsListenerSource(pass);
        sockets.Read(_snapshot).ShouldBe(ReadResult.Ok);
        Write(Listener(81));
        listeners.Read(_snapshot).ShouldBe(ReadResult.Ok);
        Ports(_snapshot).ShouldBe([80], "one pass a tick");
        listeners.Read(_snapshot).ShouldBe(ReadResult.Ok);
        Ports(_snapshot).ShouldBe([81], "a look of their own");

        File.WriteAllText(Path.Combine(Net, "tcp"), Header + "nonsense\n");
        sockets.Read(_snapshot).ShouldBe(ReadResult.Failed(SourceError.Malformed));
        Write(Listener(82));
        listeners.Read(_snapshot).ShouldBe(ReadResult.Failed(SourceError.Malformed), "the rows could not be read");
        listeners.Read(_snapshot).ShouldBe(ReadResult.Ok);
        Ports(_snapshot).ShouldBe([82]);
    }

    /// <summary>Fails where the listeners are read before the sockets: they would be those of the tick before.</summary>
    [Fact]
    public async Task A_tick_has_the_listeners_of_its_own_time()
    {
        Write(Listener(80));
        var options = await Arguments.Options("--source=procfs", $"--path.procfs={_root.FullName}");
        using var sampling = SamplingSetup.Create(options, TimeProvider.System, NullLoggerFactory.Instance);
        for (var port = 80; port < 84; port++)
        {
            Write(Listener(port), Connection(port));
            sampling.Sampler.Sample().ShouldBeTrue();
            Ports(sampling.Store.Read().Kernel).ShouldBe([port]);
            Write(Listener(port + 100));
            sampling.Sampler.SampleListeners();
            Ports(sampling.Store.Read().Kernel).ShouldBe([port + 100]);
        }
    }

    private static int[] Ports(TcpSnapshot snapshot) => [.. snapshot.Listeners.Span.ToArray().Select(listener => (int)listener.Port)];

    private static string Listener(int port) => $"   1: 00000000:{port:X4} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 102 1 0\n";

    private static string Connection(int port) => $"   1: 0200580A:{port:X4} 0900580A:C738 01 00000000:00000000 00:00000000 00000000     0        0 104 1 0\n";

    private string Net => Directory.CreateDirectory(Path.Combine(_root.FullName, "net")).FullName;

    private void Write(params string[] rows) => File.WriteAllText(Path.Combine(Net, "tcp"), Header + string.Concat(rows));
}
