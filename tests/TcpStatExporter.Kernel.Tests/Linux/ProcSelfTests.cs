using System.Diagnostics;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Linux;

public sealed class ProcSelfTests
{
    [Fact]
    public void Tells_what_the_runtime_tells()
    {
        using var self = new ProcSelf(new ProcFileBuffer());
        var usage = default(ProcessUsage);
        self.Read(ref usage).ShouldBe(ReadResult.Ok);
        using var process = Process.GetCurrentProcess();

        var cpu = TimeSpan.FromSeconds((double)(usage.UserTicks + usage.SystemTicks) / ProcessUsage.TicksPerSecond);
        cpu.ShouldBe(process.TotalProcessorTime, TimeSpan.FromSeconds(1));
        ((long)usage.Threads).ShouldBeInRange(1, process.Threads.Count + 20);
        ((double)usage.ResidentPages * Environment.SystemPageSize).ShouldBe(process.WorkingSet64, process.WorkingSet64 * 0.2);
        ((double)usage.VirtualBytes).ShouldBe(process.VirtualMemorySize64, process.VirtualMemorySize64 * 0.2);
        var started = DateTimeOffset.FromUnixTimeSeconds((long)usage.BootSeconds).AddSeconds((double)usage.StartTicks / ProcessUsage.TicksPerSecond);
        started.UtcDateTime.ShouldBe(process.StartTime.ToUniversalTime(), TimeSpan.FromSeconds(2));
        usage.OpenFilesLimit.ShouldBeGreaterThan(usage.OpenFiles);
    }

    /// <summary>Other tests open files at the same time, so a hundred of them make the difference.</summary>
    [Fact]
    public void Counts_open_files()
    {
        var before = ProcSelf.CountOpenFiles();
        var opened = Enumerable.Range(0, 200).Select(_ => File.OpenHandle("/dev/null")).ToList();
        try
        {
            ((long)ProcSelf.CountOpenFiles()).ShouldBeInRange((long)before + 100, (long)before + 300);
            ((long)ProcSelf.CountDirectoryEntries()).ShouldBeInRange((long)before + 100, (long)before + 300);
        }
        finally
        {
            opened.ForEach(handle => handle.Dispose());
        }
    }
}
