using Microsoft.Extensions.Logging.Abstractions;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.Procfs;
using TcpStatExporter.Sampling.Sources;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>
/// Ticks assembled like those of the daemon, twenty times as fast, with or without the queues that have come after the accept
/// queue: AF_UNIX, UDP, connection tracking, softnet, waits.
/// </summary>
internal sealed class QuietHost : IDisposable
{
    /// <summary>What stands for a second of the daemon.</summary>
    public static readonly TimeSpan Second = TimeSpan.FromMilliseconds(50);

    private readonly Sampler _sampler;
    private readonly HostFactsReader? _host;

    /// <summary>Assembles the parts.</summary>
    /// <param name="hasQueues">With those queues.</param>
    public QuietHost(bool hasQueues)
    {
        var time = TimeProvider.System;
        var net = NetNamespace.OfProcfs("/proc");
        var sources = new SourceFactory(
            SourceChoice.Auto, net, NullLogger.Instance, CancellationToken.None, time, Second * ReadingPace.OfDaemon.TotalSeconds);
        var window = TimeSpan.FromSeconds(60);
        var unixPace = new ReadingPace(UnixOwners.PaceOfDaemon, time, ThreadCpuClock.Now);
        var unix = hasQueues ? new UnixTable(Commands.ExporterOptions.DefaultUnixListenersMax, window, new UnixOwners("/proc", unixPace, isAwaited: false)) : null;
        var read = new List<ISource>();
        foreach (var source in sources.CreateTickSources(budget: null, unix))
        {
            if (hasQueues || source.Id is not (SourceId.Conntrack or SourceId.Udp))
            {
                read.Add(source);
            }
            else
            {
                source.Dispose();
            }
        }

        _host = hasQueues
            ? new HostFactsReader(
                new MachineSource("/proc/absent"), new SoftnetSource("/proc"), Second * (HostFactsReader.DaemonPace.TotalSeconds - 0.5), time, NullLogger<HostFactsReader>.Instance)
            : null;
        _sampler = new Sampler(
            read,
            new ListenerTable(window, 256, static (_, _) => true, static _ => "", static _ => ""),
            new StuckTable(static _ => ""),
            _host,
            window,
            new SampleStore(time, TimeSpan.MaxValue),
            time,
            NullLogger<Sampler>.Instance,
            hasQueues ? new UdpTable(32, static _ => "", static _ => "") : null,
            hasQueues ? sources.CreateQueueWatch(budget: null) : null,
            unix);
    }

    /// <summary>Runs one tick.</summary>
    /// <returns>CPU time used.</returns>
    public TimeSpan Tick()
    {
        var start = ThreadCpuClock.Now();
        _sampler.Sample();
        return ThreadCpuClock.Now() - start;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sampler.Dispose();
        _host?.Dispose();
    }
}
