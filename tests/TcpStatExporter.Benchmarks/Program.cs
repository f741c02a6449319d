using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using TcpStatExporter.Benchmarks;
using TcpStatExporter.Benchmarks.Cost;
using TcpStatExporter.Benchmarks.Memory;
using TcpStatExporter.Benchmarks.Scale;
using TcpStatExporter.Benchmarks.Soak;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case [CostCommand.Name, ..]:
        return Sandbox.Run(args, CostCommand.Run, CostCommand.Flags);
    case [JudgeCommand.Name, ..]:
        return Sandbox.Run(args, JudgeCommand.Run, JudgeCommand.Flags);
    case [UnixCommand.Name, ..]:
        return Sandbox.Run(args, UnixCommand.Run, UnixCommand.Flags);
    case [NetnsCommand.Name, ..]:
        return Sandbox.Run(args, NetnsCommand.Run, NetnsCommand.Flags);
    case [QueuesCommand.Name, ..]:
        return Sandbox.Run(args, QueuesCommand.Run, QueuesCommand.Flags);
    case [MemoryCommand.Name, ..]:
        return Sandbox.Run(args, MemoryCommand.Run, MemoryCommand.Flags);
    case [ScaleCommand.Name, ..]:
        return Sandbox.Run(args, ScaleCommand.Run, ScaleCommand.Flags);
    case [ScrapeCommand.Name, ..]:
        return ScrapeCommand.Run(new Flags(args.AsSpan(1), ScrapeCommand.Flags));
    case [SoakCommand.Name, ..]:
        return Sandbox.Run(args, SoakCommand.Run, SoakCommand.Flags);
    case [NetnsHolder.Name, ..]:
        return NetnsHolder.Run(args);
    case [Holder.Name, ..]:
        return Holder.Run(args);
}

var config = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance));
var reports = BenchmarkSwitcher.FromAssembly(typeof(NetTcpBenchmark).Assembly).Run(args, config).SelectMany(summary => summary.Reports);
var goals = new Goals();
foreach (var family in reports.Where(report => report.ResultStatistics is not null).GroupBy(report => report.BenchmarkCase.Parameters.DisplayInfo, StringComparer.Ordinal))
{
    if (Nanoseconds(family, nameof(NetTcpBenchmark.Parser)) is { } parser)
    {
        goals.AtMost(60, parser, $"parsing a row {family.Key}", "ns");
        if (Nanoseconds(family, nameof(NetTcpBenchmark.Split)) is { } split)
        {
            goals.AtLeast(8, split / parser, $"faster than string.Split {family.Key}", "times");
        }
    }
}

goals.Print();
return goals.ExitCode;

// the median: other load on the machine makes some measurements longer, and none shorter
static double? Nanoseconds(IEnumerable<BenchmarkReport> reports, string method) =>
    reports.FirstOrDefault(report => report.BenchmarkCase.Descriptor.WorkloadMethod.Name == method)?.ResultStatistics?.Median;
