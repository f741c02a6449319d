using System.Diagnostics;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Linux;

/// <summary>Must not run with other tests, because they open files and use memory.</summary>
[Collection("alone")]
public sealed class ProcSelfTests
{
    [Fact]
    public void Agrees_with_the_runtime()
    {
        using var self = new ProcSelf(new ProcFileBuffer());
        var usage = default(ProcessUsage);
        using var before = Process.GetCurrentProcess();
        var cpuBefore = before.TotalProcessorTime;
        var (residentBefore, virtualBefore) = (before.WorkingSet64, before.VirtualMemorySize64);
        self.Read(ref usage).ShouldBe(ReadResult.Ok);
        using var process = Process.GetCurrentProcess();

        var cpu = TimeSpan.FromSeconds((double)(usage.UserTicks + usage.SystemTicks) / ProcessUsage.TicksPerSecond);
        cpu.ShouldBeInRange(cpuBefore - TimeSpan.FromSeconds(2.0 / ProcessUsage.TicksPerSecond), process.TotalProcessorTime, "user and system, each of whole ticks");
        ((long)usage.Threads).ShouldBeInRange(1, process.Threads.Count + 20);
        ShouldBeAbout(usage.ResidentPages * (ulong)Environment.SystemPageSize, residentBefore, process.WorkingSet64);
        ShouldBeAbout(usage.VirtualBytes, virtualBefore, process.VirtualMemorySize64);
        var started = DateTimeOffset.FromUnixTimeSeconds((long)usage.BootSeconds).AddSeconds((double)usage.StartTicks / ProcessUsage.TicksPerSecond);
        started.UtcDateTime.ShouldBe(process.StartTime.ToUniversalTime(), TimeSpan.FromSeconds(2));
        usage.OpenFilesLimit.ShouldBeGreaterThan(usage.OpenFiles);
    }

    /// <summary>Opens a hundred files, because the runtime opens a few too.</summary>
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

    private static void ShouldBeAbout(ulong bytes, long before, long after) =>
        ((double)bytes).ShouldBeInRange(Math.Min(before, after) * 0.8, Math.Max(before, after) * 1.2);
}
