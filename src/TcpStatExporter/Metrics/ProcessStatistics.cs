using TcpStatExporter.Exposition;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Metrics;

/// <summary>The daemon's own figures, read when they are written: <c>process_*</c> and <c>dotnet_*</c>.</summary>
internal sealed class ProcessStatistics : IDisposable
{
    private readonly ProcSelf _self = new(new ProcFileBuffer());

    /// <summary>Writes the families. Those of procfs are absent where it cannot be read.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ExpositionWriter writer)
    {
        const double TicksPerSecond = ProcessUsage.TicksPerSecond;
        var usage = default(ProcessUsage);
        DateTimeOffset? start = null;
        if (_self.Read(ref usage).IsOk)
        {
            var startSeconds = usage.BootSeconds + (usage.StartTicks / TicksPerSecond);
            start = DateTimeOffset.FromUnixTimeMilliseconds((long)(startSeconds * 1000));
            WriteOne(writer, MetricCatalogue.ProcessCpu, (usage.UserTicks + usage.SystemTicks) / TicksPerSecond);
            WriteCreated(writer, LabelSet.Empty, start);
            WriteOne(writer, MetricCatalogue.ProcessOpenFds, usage.OpenFiles);
            WriteOne(writer, MetricCatalogue.ProcessMaxFds, usage.OpenFilesLimit);
            WriteOne(writer, MetricCatalogue.ProcessVirtualMemory, usage.VirtualBytes);
            WriteOne(writer, MetricCatalogue.ProcessResidentMemory, usage.ResidentPages * (ulong)Environment.SystemPageSize);
            WriteOne(writer, MetricCatalogue.ProcessStartTime, startSeconds);
            WriteOne(writer, MetricCatalogue.ProcessThreads, usage.Threads);
        }

        writer.Family(MetricCatalogue.GcCollections);
        for (var generation = 0; generation < MetricLabels.Generations.Count; generation++)
        {
            writer.Sample(MetricLabels.Generations[generation], GC.CollectionCount(generation));
            WriteCreated(writer, MetricLabels.Generations[generation], start);
        }

        WriteOne(writer, MetricCatalogue.GcAllocated, GC.GetTotalAllocatedBytes());
        WriteCreated(writer, LabelSet.Empty, start);
        WriteOne(writer, MetricCatalogue.GcHeapSize, GC.GetTotalMemory(forceFullCollection: false));
    }

    /// <inheritdoc/>
    public void Dispose() => _self.Dispose();

    /// <summary>The runtime's counters count from the start of the process on, too.</summary>
    private static void WriteCreated(ExpositionWriter writer, LabelSet labels, DateTimeOffset? start)
    {
        if (start is not null)
        {
            writer.Created(labels, start.Value);
        }
    }

    private static void WriteOne(ExpositionWriter writer, MetricFamily family, MetricValue value)
    {
        writer.Family(family);
        writer.Sample(value);
    }
}
