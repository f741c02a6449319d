using TcpStatExporter.Advisor;
using TcpStatExporter.Exposition;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Metrics;

/// <summary>
/// Writes the whole exposition from what was published last. It holds no lock that the sampler
/// needs. Renders are one at a time; each leaves its bytes in the caller's buffer.
/// </summary>
/// <param name="store">Where samples are published.</param>
/// <param name="advice">Where advice is published.</param>
/// <param name="process">The daemon's own figures; none where another program serves the page, which has its own.</param>
/// <param name="allCounters">Every counter that the kernel prints, not the curated ones alone.</param>
/// <param name="droppedLogLines">Log lines that were dropped since the start; none where no log is kept.</param>
internal sealed class MetricsPage(SampleStore store, AdviceStore advice, ProcessStatistics? process, bool allCounters, Func<long>? droppedLogLines = null)
{
    /// <summary>What listened for less was never in service.</summary>
    private static readonly TimeSpan Deployed = TimeSpan.FromMinutes(1);

    private static readonly BucketBounds FillRatioBounds = new(ListenerSample.FillRatioBounds);
    private static readonly BucketBounds DurationBounds = new(SourceStatistics.DurationBounds);

    private readonly Lock _lock = new();
    private HostSample _sample = new();
    private readonly KernelCounterSeries _snmp = new(KernelCounterGroup.Tcp, allCounters);
    private readonly KernelCounterSeries _netstat = new(KernelCounterGroup.TcpExt, allCounters);

    /// <summary>Writes one page.</summary>
    /// <param name="writer">A writer on the buffer that is to hold the page.</param>
    /// <param name="format">Format of the page.</param>
    public void Render(ExpositionWriter writer, ExpositionFormat format)
    {
        lock (_lock)
        {
            using var lease = store.Take();
            _sample = lease.Sample;
            writer.Begin(format);
            WriteConnections(writer);
            WriteListeners(writer);
            WriteCounters(writer);
            WriteSockets(writer);
            WritePorts(writer);
            WriteFindings(writer);
            WriteExporter(writer);
            process?.Write(writer);
            writer.End();
        }
    }

    private void WriteConnections(ExpositionWriter writer)
    {
        if (!_sample.Status(SourceId.Sockets).IsOk)
        {
            return;
        }

        WriteStates(writer, MetricCatalogue.Connections, _sample.Kernel.States);
        WriteStates(writer, MetricCatalogue.ConnectionsPeak, _sample.StatePeaks);
        writer.Family(MetricCatalogue.CloseWaitUnaccepted);
        writer.Sample(_sample.Kernel.CloseWaitUnaccepted);
        WriteHolders(writer, MetricCatalogue.CloseWaitHeld, _sample.CloseWaitHolders);
        writer.Family(MetricCatalogue.SynSentSeconds);
        writer.Sample(_sample.SynSentSeconds);
        writer.Created(LabelSet.Empty, DateTimeOffset.FromUnixTimeMilliseconds(_sample.StartUnixMilliseconds));
        WriteHolders(writer, MetricCatalogue.SynSentDestination, _sample.SynSentDestinations);
    }

    private static void WriteHolders(ExpositionWriter writer, MetricFamily family, ValueList<HolderSample> holders)
    {
        writer.Family(family);
        foreach (ref readonly var holder in holders.Span)
        {
            writer.Sample(holder.Identity.Labels, holder.Connections);
        }
    }

    private void WriteStates(ExpositionWriter writer, MetricFamily family, in TcpStateCounts counts)
    {
        writer.Family(family);
        foreach (var state in MetricLabels.KnownStates)
        {
            writer.Sample(MetricLabels.State(state), counts[state]);
        }

        if (_sample.HasUnknownState)
        {
            writer.Sample(MetricLabels.State(TcpState.None), counts.Unknown);
        }
    }

    private void WriteListeners(ExpositionWriter writer)
    {
        var listeners = _sample.Status(SourceId.Listeners).IsOk ? _sample.Listeners.Span : [];
        writer.Family(MetricCatalogue.ListenSockets);
        foreach (ref readonly var listener in listeners)
        {
            writer.Sample(listener.Identity.Labels, listener.Sockets);
        }

        writer.Family(MetricCatalogue.ListenQueueLength);
        foreach (ref readonly var listener in listeners)
        {
            writer.Sample(listener.Identity.Labels, listener.QueueLength);
        }

        writer.Family(MetricCatalogue.ListenQueueLimit);
        foreach (ref readonly var listener in listeners)
        {
            if (listener.HasLimit)
            {
                writer.Sample(listener.Identity.Labels, listener.QueueLimit);
            }
        }

        writer.Family(MetricCatalogue.ListenQueuePeak);
        foreach (ref readonly var listener in listeners)
        {
            writer.Sample(listener.Identity.Labels, listener.QueuePeak);
        }

        writer.Family(MetricCatalogue.ListenQueueFillRatio);
        foreach (ref readonly var listener in listeners)
        {
            if (listener.HasLimit)
            {
                writer.Histogram(listener.Identity.Labels, FillRatioBounds, listener.FillRatios.Counts(ListenerSample.FillRatioBounds), listener.FillRatios.Sum);
                writer.Created(listener.Identity.Labels, DateTimeOffset.FromUnixTimeMilliseconds(listener.CreatedUnixMilliseconds));
            }
        }

        writer.Family(MetricCatalogue.ListenQueueFillRatioPeak);
        foreach (ref readonly var listener in listeners)
        {
            if (listener.HasLimit)
            {
                writer.Sample(listener.Identity.Labels, listener.FillRatioPeak);
            }
        }

        writer.Family(MetricCatalogue.ListenDrops);
        foreach (ref readonly var listener in listeners)
        {
            if (listener.HasDrops)
            {
                writer.Sample(listener.Identity.Labels, listener.Drops);
            }
        }

        WriteLost(writer, listeners);
        WriteLifecycle(writer, listeners);
        WriteSynQueues(writer, listeners);
        WriteListenerConnections(writer);
    }

    private void WriteLost(ExpositionWriter writer, ReadOnlySpan<ListenerSample> listeners)
    {
        // a share of what netstat counts: without that nothing is known of it
        if (!_sample.Status(SourceId.Listeners).IsOk || !_sample.Status(SourceId.Netstat).IsOk)
        {
            return;
        }

        writer.Family(MetricCatalogue.ListenLost);
        foreach (ref readonly var listener in listeners)
        {
            if (listener.HasDrops)
            {
                for (var reason = LossReason.AcceptQueue; reason <= LossReason.Other; reason++)
                {
                    writer.Sample(listener.Identity.Labels, MetricLabels.Reason(reason), listener.Lost[reason]);
                }
            }
        }

        writer.Family(MetricCatalogue.ListenLostUnattributed);
        for (var reason = LossReason.AcceptQueue; reason <= LossReason.Other; reason++)
        {
            writer.Sample(MetricLabels.Reason(reason), _sample.Unattributed[reason]);
        }
    }

    private void WriteLifecycle(ExpositionWriter writer, ReadOnlySpan<ListenerSample> listeners)
    {
        writer.Family(MetricCatalogue.ListenOpened);
        foreach (ref readonly var listener in listeners)
        {
            writer.Sample(listener.Identity.Labels, listener.OpenedUnixMilliseconds / 1000.0);
        }

        writer.Family(MetricCatalogue.ListenOpenings);
        foreach (ref readonly var listener in listeners)
        {
            writer.Sample(listener.Identity.Labels, listener.Openings);
        }

        if (!_sample.Status(SourceId.Listeners).IsOk)
        {
            return;
        }

        writer.Family(MetricCatalogue.ListenClosed);
        foreach (ref readonly var closed in _sample.Closed.Span)
        {
            if (closed.Listened < Deployed || IsEphemeral(closed.Last.Identity.Port))
            {
                continue;
            }

            writer.Sample(closed.Last.Identity.Labels, closed.ClosedUnixMilliseconds / 1000.0);
        }
    }

    /// <summary>A port that the kernel hands out: what listens there is no service that anybody looks for.</summary>
    private bool IsEphemeral(ushort port) =>
        _sample.Status(SourceId.Sysctl).IsOk
        && _sample.Kernel.Sysctls[Sysctl.IpLocalPortRange] is { Count: 2 } range
        && port >= range.First
        && port <= range.Second
        && !_sample.Kernel.Sysctls.ReservedPorts.Contains(port);

    private void WriteSynQueues(ExpositionWriter writer, ReadOnlySpan<ListenerSample> listeners)
    {
        if (!_sample.Status(SourceId.Sockets).IsOk)
        {
            return;
        }

        writer.Family(MetricCatalogue.ListenSynQueueLength);
        foreach (ref readonly var listener in listeners)
        {
            writer.Sample(listener.Identity.Labels, listener.SynQueueLength);
        }

        writer.Family(MetricCatalogue.ListenSynQueuePeak);
        foreach (ref readonly var listener in listeners)
        {
            writer.Sample(listener.Identity.Labels, listener.SynQueuePeak);
        }
    }

    private void WriteListenerConnections(ExpositionWriter writer)
    {
        if (!_sample.Status(SourceId.Sweep).IsOk)
        {
            return;
        }

        writer.Family(MetricCatalogue.ListenConnections);
        foreach (ref readonly var listener in _sample.Sweep.Listeners.Span)
        {
            foreach (var state in MetricLabels.KnownStates)
            {
                if (state != TcpState.Listen)
                {
                    writer.Sample(listener.Identity.Labels, MetricLabels.State(state), listener.Connections[state]);
                }
            }
        }

        writer.Family(MetricCatalogue.ListenUnread);
        foreach (ref readonly var listener in _sample.Sweep.Listeners.Span)
        {
            writer.Sample(listener.Identity.Labels, listener.Unread);
        }
    }

    private void WriteCounters(ExpositionWriter writer)
    {
        if (_sample.Status(SourceId.Snmp).IsOk)
        {
            _snmp.Write(writer, _sample.Kernel.Snmp);
        }

        if (_sample.Status(SourceId.Netstat).IsOk)
        {
            _netstat.Write(writer, _sample.Kernel.Netstat);
        }
    }

    private void WriteSockets(ExpositionWriter writer)
    {
        var hasSockstat = _sample.Status(SourceId.Sockstat).IsOk;
        var hasSysctl = _sample.Status(SourceId.Sysctl).IsOk;
        ref readonly var sockstat = ref _sample.Kernel.Sockstat;
        var sysctls = _sample.Kernel.Sysctls;
        if (hasSockstat)
        {
            writer.Family(MetricCatalogue.SocketsInUse);
            writer.Sample(MetricLabels.IPv4, sockstat.TcpInUse);
            if (sockstat.HasTcp6)
            {
                writer.Sample(MetricLabels.IPv6, sockstat.Tcp6InUse);
            }

            WriteOne(writer, MetricCatalogue.SocketsAllocated, sockstat.TcpAllocated);
            WriteOne(writer, MetricCatalogue.SocketsOrphaned, sockstat.TcpOrphan);
        }

        if (hasSysctl)
        {
            WriteLimit(writer, MetricCatalogue.SocketsOrphanedLimit, sysctls[Sysctl.TcpMaxOrphans]);
        }

        if (hasSockstat)
        {
            WriteOne(writer, MetricCatalogue.SocketsTimeWait, sockstat.TcpTimeWait);
        }

        if (hasSysctl)
        {
            WriteLimit(writer, MetricCatalogue.SocketsTimeWaitLimit, sysctls[Sysctl.TcpMaxTwBuckets]);
        }

        if (hasSockstat)
        {
            WriteOne(writer, MetricCatalogue.Memory, Bytes(sockstat.TcpMemoryPages));
        }

        if (hasSysctl)
        {
            WriteSysctls(writer, sysctls);
        }
    }

    private static void WriteSysctls(ExpositionWriter writer, SysctlTable sysctls)
    {
        ref readonly var memory = ref sysctls[Sysctl.TcpMem];
        if (memory.Count == 3)
        {
            writer.Family(MetricCatalogue.MemoryLimit);
            writer.Sample(MetricLabels.Low, Bytes(memory.First));
            writer.Sample(MetricLabels.Pressure, Bytes(memory.Second));
            writer.Sample(MetricLabels.High, Bytes(memory.Third));
        }

        writer.Family(MetricCatalogue.SysctlValue);
        for (var n = 0; n < SysctlExtensions.All.Count; n++)
        {
            // by number: the enumerator of an interface lives on the heap
            var sysctl = SysctlExtensions.All[n];
            ref readonly var value = ref sysctls[sysctl];
            for (var i = 0; i < value.Count; i++)
            {
                writer.Sample(MetricLabels.Sysctl(sysctl), value.Count > 1 ? MetricLabels.Index(i) : LabelSet.Empty, value[i]);
            }
        }
    }

    private void WritePorts(ExpositionWriter writer)
    {
        var sweep = _sample.Sweep;
        if (!sweep.Status.IsOk)
        {
            return;
        }

        if (sweep.PortsLimit >= 0)
        {
            writer.Family(MetricCatalogue.EphemeralPortsUsed);
            writer.Sample(MetricLabels.IPv4, sweep.PortsUsedIPv4);
            writer.Sample(MetricLabels.IPv6, sweep.PortsUsedIPv6);
            WriteOne(writer, MetricCatalogue.EphemeralPortsLimit, sweep.PortsLimit);
            WriteOne(writer, MetricCatalogue.EphemeralPortsBusiest, sweep.BusiestPortsUsed);
            WriteOne(writer, MetricCatalogue.EphemeralPortsHeld, sweep.Scarcest.Held);
            if (sweep.Scarcest.Used > 0)
            {
                writer.Family(MetricCatalogue.EphemeralPortsDestination);
                writer.Sample(sweep.ScarcestLabels, 1);
            }
        }

        WriteOne(writer, MetricCatalogue.LastSweep, sweep.UnixMilliseconds / 1000.0);
    }

    private void WriteFindings(ExpositionWriter writer)
    {
        if (!_sample.Status(SourceId.Advisor).IsOk || _sample.IsStale)
        {
            return;
        }

        writer.Family(MetricCatalogue.Finding);
        var judged = advice.Latest.Judged;
        for (var i = 0; i < judged.Count; i++)
        {
            var judgement = judged[i].Judgement;
            if (judgement.Reason is null)
            {
                writer.Sample(MetricLabels.Finding(i), judgement.Finding is null ? 0 : 1);
            }
        }
    }

    private void WriteExporter(ExpositionWriter writer)
    {
        writer.Family(MetricCatalogue.Build);
        writer.Sample(MetricLabels.Build, 1);

        var start = DateTimeOffset.FromUnixTimeMilliseconds(_sample.StartUnixMilliseconds);
        writer.Family(MetricCatalogue.Samples);
        writer.Sample(_sample.Samples);
        writer.Created(LabelSet.Empty, start);
        writer.Family(MetricCatalogue.SamplesMissed);
        writer.Sample(_sample.SamplesMissed);
        writer.Created(LabelSet.Empty, start);
        if (_sample.Samples > 0)
        {
            WriteOne(writer, MetricCatalogue.LastSample, _sample.LastSampleUnixMilliseconds / 1000.0);
        }

        WriteSources(writer, start);
        if (_sample.Status(SourceId.Listeners).IsOk)
        {
            WriteOne(writer, MetricCatalogue.ListenersNotExported, _sample.ListenersNotExported);
        }

        WriteOne(writer, MetricCatalogue.PeakWindow, _sample.PeakWindow.TotalSeconds);
        if (droppedLogLines is not null)
        {
            WriteOne(writer, MetricCatalogue.LogLinesDropped, droppedLogLines());
            writer.Created(LabelSet.Empty, start);
        }
    }

    private void WriteSources(ExpositionWriter writer, DateTimeOffset start)
    {
        writer.Family(MetricCatalogue.SampleDuration);
        for (var id = SourceId.Sockets; id <= SourceId.Advisor; id++)
        {
            if (_sample[id].Exists)
            {
                ref readonly var durations = ref _sample[id].Durations;
                writer.Histogram(MetricLabels.Source(id), DurationBounds, durations.Counts(SourceStatistics.DurationBounds), durations.Sum);
                writer.Created(MetricLabels.Source(id), start);
            }
        }

        writer.Family(MetricCatalogue.SourceUp);
        for (var id = SourceId.Sockets; id <= SourceId.Advisor; id++)
        {
            if (_sample[id].Exists)
            {
                writer.Sample(MetricLabels.Source(id), _sample.Status(id).IsOk ? 1 : 0);
            }
        }

        writer.Family(MetricCatalogue.SourceErrors);
        for (var id = SourceId.Sockets; id <= SourceId.Advisor; id++)
        {
            if (_sample[id].Exists)
            {
                for (var error = SourceError.NotFound; error <= SourceError.Internal; error++)
                {
                    if (_sample[id][error] > 0 || IsPossible(error, _sample[id].Method))
                    {
                        writer.Sample(MetricLabels.Error(id, error), _sample[id][error]);
                        writer.Created(MetricLabels.Error(id, error), start);
                    }
                }
            }
        }

        writer.Family(MetricCatalogue.Source);
        for (var id = SourceId.Sockets; id <= SourceId.Advisor; id++)
        {
            if (_sample[id].Exists)
            {
                writer.Sample(MetricLabels.Method(id, _sample[id].Method), 1);
            }
        }
    }

    /// <summary>A reason that can be met is exported from the start, as 0: a rate needs the sample before the first.</summary>
    private static bool IsPossible(SourceError error, SourceMethod method) => error switch
    {
        SourceError.PermissionDenied or SourceError.Io or SourceError.Truncated or SourceError.Malformed or SourceError.Internal => true,
        SourceError.Timeout or SourceError.NoBuffers or SourceError.Interrupted or SourceError.Unsupported => method == SourceMethod.Netlink,
        _ => method == SourceMethod.Procfs,
    };

    /// <summary>A limit may be set to any number of pages: more bytes than a long holds.</summary>
    private static double Bytes(long pages) => (double)pages * Environment.SystemPageSize;

    private static void WriteOne(ExpositionWriter writer, MetricFamily family, MetricValue value)
    {
        writer.Family(family);
        writer.Sample(value);
    }

    private static void WriteLimit(ExpositionWriter writer, MetricFamily family, in SysctlValue value)
    {
        if (value.Count > 0)
        {
            WriteOne(writer, family, value.First);
        }
    }
}
