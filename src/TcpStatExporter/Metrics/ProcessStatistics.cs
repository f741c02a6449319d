using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Metrics;

/// <summary>The daemon's own metrics, read in each scrape: <c>process_*</c> and <c>dotnet_*</c>.</summary>
internal sealed class ProcessStatistics : IDisposable
{
    private const double TicksPerSecond = ProcessUsage.TicksPerSecond;

    private readonly ProcSelf _self = new(new ProcFileBuffer());
    private ProcessUsage _usage;
    private bool _isRead;

    /// <summary>User and system CPU time. Like all values from procfs, null if it cannot be read.</summary>
    public double? CpuSeconds => _isRead ? (_usage.UserTicks + _usage.SystemTicks) / TicksPerSecond : null;

    /// <summary>Open file descriptors.</summary>
    public double? OpenFiles => _isRead ? _usage.OpenFiles : null;

    /// <summary>Maximum number of open file descriptors.</summary>
    public double? OpenFilesLimit => _isRead ? _usage.OpenFilesLimit : null;

    /// <summary>Virtual memory.</summary>
    public double? VirtualBytes => _isRead ? _usage.VirtualBytes : null;

    /// <summary>Resident memory.</summary>
    public double? ResidentBytes => _isRead ? _usage.ResidentPages * (double)Environment.SystemPageSize : null;

    /// <summary>Start time, in Unix seconds.</summary>
    public double? StartSeconds => _isRead ? _usage.BootSeconds + (_usage.StartTicks / TicksPerSecond) : null;

    /// <summary>Threads.</summary>
    public double? Threads => _isRead ? _usage.Threads : null;

    /// <summary>Reads the values from procfs.</summary>
    public void Read() => _isRead = _self.Read(ref _usage).IsOk;

    /// <inheritdoc/>
    public void Dispose() => _self.Dispose();
}
