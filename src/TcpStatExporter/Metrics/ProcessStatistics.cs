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
        var usage = default(ProcessUsage);
        if (_self.Read(ref usage).IsOk)
        {
            const double TicksPerSecond = ProcessUsage.TicksPerSecond;
            WriteOne(writer, MetricCatalogue.ProcessCpu, (usage.UserTicks + usage.SystemTicks) / TicksPerSecond);
            WriteOne(writer, MetricCatalogue.ProcessOpenFds, usage.OpenFiles);
            WriteOne(writer, MetricCatalogue.ProcessMaxFds, usage.OpenFilesLimit);
            WriteOne(writer, MetricCatalogue.ProcessVirtualMemory, usage.VirtualBytes);
            WriteOne(writer, MetricCatalogue.ProcessResidentMemory, usage.ResidentPages * (ulong)Environment.SystemPageSize);
            WriteOne(writer, MetricCatalogue.ProcessStartTime, usage.BootSeconds + (usage.StartTicks / TicksPerSecond));
            WriteOne(writer, MetricCatalogue.ProcessThreads, usage.Threads);
        }

        writer.Family(MetricCatalogue.GcCollections);
        for (var generation = 0; generation < MetricLabels.Generations.Count; generation++)
        {
            writer.Sample(MetricLabels.Generations[generation], GC.CollectionCount(generation));
        }

        WriteOne(writer, MetricCatalogue.GcAllocated, GC.GetTotalAllocatedBytes());
        WriteOne(writer, MetricCatalogue.GcHeapSize, GC.GetTotalMemory(forceFullCollection: false));
    }

    /// <inheritdoc/>
    public void Dispose() => _self.Dispose();

    private static void WriteOne(ExpositionWriter writer, MetricFamily family, MetricValue value)
    {
        writer.Family(family);
        writer.Sample(value);
    }
}
