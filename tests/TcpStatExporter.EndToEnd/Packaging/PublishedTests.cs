using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.EndToEnd.Lab;
using TcpStatExporter.EndToEnd.Truth;
using Xunit;

namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>The published programs do what the assemblies do: nothing of them was trimmed away that is needed.</summary>
public sealed class PublishedTests
{
    private const string ProgramVariable = "TCPSTAT_EXPORTER";

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_agrees_with_the_tools(bool native) => WithProgram(native, () =>
    {
        using var ns = NetNamespace.Create();
        using var fault = new EveryState(ns);
        using var exporter = ExporterProcess.Start(ns, arguments: ["--counters=all"]);

        exporter.ShouldAgreeWithTools(ns);

        exporter.Stop().ShouldBe(0);
        exporter.Log.ShouldNotContain("   at ");
    });

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_sweep_of_thousands_of_sockets_allocates_nothing_for_each(bool native) => WithProgram(native, () =>
    {
        using var ns = NetNamespace.Create();
        using var population = new EstablishedPopulation(ns, 5000);
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sweep.cpu-budget=100"]);
        WaitForSweepAfter(exporter, 2);
        var before = exporter.Scrape();

        var after = WaitForSweepAfter(exporter, Sweeps(before) + 2);

        // scrapes and Kestrel take some; a boxed key a socket were 10,000 times 72 bytes a sweep
        var allocated = after.Value("dotnet_gc_allocated_bytes_total") - before.Value("dotnet_gc_allocated_bytes_total");
        allocated.ShouldBeLessThan(400_000);
    });

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Commands_and_mistakes_are_told_as_ever(bool native) => WithProgram(native, () =>
    {
        using var ns = NetNamespace.Create();
        ExporterProcess.Run(ns, arguments: ["once", "--sample.interval=100ms", "--log.level=error"]).Checked().ShouldContain("\ntcpstat_source_up{source=\"sockets\"} 1\n");
        ExporterProcess.Run(ns, arguments: ["doctor", "--for=1s", "--format=json"]).Output.ShouldStartWith("{");
        var wrong = ExporterProcess.Run(ns, arguments: ["--sample.interval=1h"]);
        (wrong.ExitCode, wrong.Output).ShouldBe((2, ""));
        wrong.Error.Split('\n').Length.ShouldBe(2, wrong.Error);
        var taken = ExporterProcess.Run(ns, arguments: ["--web.listen-address=192.0.2.1:80"]);
        taken.ExitCode.ShouldBe(1);
        taken.Error.ShouldContain("Cannot listen on 192.0.2.1:80: Cannot assign requested address");
    });

    private static double Sweeps(Scrape scrape) => scrape.Value("tcpstat_sample_duration_seconds_count", ("source", "sweep"));

    private static Scrape WaitForSweepAfter(ExporterProcess exporter, double count)
    {
        Scrape? scrape = null;
        Wait.Until(
            () => (scrape = exporter.Scrape()).Contains("tcpstat_sample_duration_seconds_count", ("source", "sweep")) && Sweeps(scrape) >= count,
            () => $"{count} sweeps",
            TimeSpan.FromSeconds(60),
            TimeSpan.FromSeconds(1));
        return scrape!;
    }

    /// <summary>Tests of the whole project run one at a time: the variable is this one's alone.</summary>
    private static void WithProgram(bool native, Action test)
    {
        var package = native ? Package.Native() : Package.ReadyToRun();
        var before = Environment.GetEnvironmentVariable(ProgramVariable);
        Environment.SetEnvironmentVariable(ProgramVariable, package.Program);
        try
        {
            test();
        }
        finally
        {
            Environment.SetEnvironmentVariable(ProgramVariable, before);
        }
    }
}
