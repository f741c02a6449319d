using System.Reflection;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

/// <summary>A field that a copy of a sample leaves out would be a wrong number at every scrape.</summary>
public sealed class NamespaceSampleTests
{
    [Fact]
    public void A_copy_of_a_tick_has_everything_but_the_sweep()
    {
        HasOnlyCopiedFields(new NamespaceSample(), "Sweep");
        var (from, to) = (new NamespaceSample(), new NamespaceSample());
        to.Sweep.PortsLimit = 5;
        from.StatesAge = TimeSpan.FromSeconds(14);
        from[SourceId.Sysctl][SourceError.Io] = 1;
        from.ListenerRows.Add(9);
        from.Kernel.CloseWaitUnaccepted = 2;
        from.CopyTickTo(to);
        to.StatesAge.ShouldBe(TimeSpan.FromSeconds(14));
        to[SourceId.Sysctl][SourceError.Io].ShouldBe(1UL);
        to.ListenerRows.Span.ToArray().ShouldBe([9]);
        to.Kernel.CloseWaitUnaccepted.ShouldBe(2);
        to.Sweep.PortsLimit.ShouldBe(5);
        from.StatesAge = TimeSpan.Zero;
        to.StatesAge.ShouldBe(TimeSpan.FromSeconds(14));
    }

    [Fact]
    public void A_copy_of_a_snapshot_has_everything_but_what_is_for_the_sampler()
    {
        HasOnlyCopiedFields(new TcpSnapshot(), "HostSockets", "SynSent", "CloseWait", "UdpSockets");
        var (from, to) = (new TcpSnapshot(), new TcpSnapshot());
        from[SourceId.Sysctl] = ReadResult.OkDespite(SourceError.Io);
        from.States[TcpState.Listen] = 1;
        from.Netstat.SetNames(["B"]);
        from.Sysctls[Sysctl.TcpWmem].Third = 6;
        from.CopyTo(to);
        to[SourceId.Sysctl].ShouldBe(ReadResult.OkDespite(SourceError.Io));
        to.States[TcpState.Listen].ShouldBe(1);
        to.Netstat.IndexOf("B").ShouldBe(0);
        to.Sysctls[Sysctl.TcpWmem].Third.ShouldBe(6);
    }

    [Fact]
    public void A_copy_of_the_facts_of_the_host_has_everything()
    {
        HasOnlyCopiedFields(new HostFacts());
        var (from, to) = (new HostFacts(), new HostFacts());
        from.Machine.MemoryBytes = 7;
        from[HostSourceId.Softnet][SourceError.Io] = 1;
        from.CopyTo(to);
        to.Machine.MemoryBytes.ShouldBe(7);
        to[HostSourceId.Softnet][SourceError.Io].ShouldBe(1UL);
    }

    [Fact]
    public void A_copy_of_a_sweep_has_everything()
    {
        HasOnlyCopiedFields(new SweepSample());
        var (from, to) = (new SweepSample { ScarcestUnit = "a.service" }, new SweepSample());
        from.Peers.Add(new PeerTraffic());
        from.CopyTo(to);
        to.ScarcestUnit.ShouldBe("a.service");
        to.Peers.Count.ShouldBe(1);
    }

    /// <summary>Fails if an object has fields besides its plain values and its registered parts.</summary>
    private static void HasOnlyCopiedFields<T>(T sample, params string[] besides)
        where T : class
    {
        var fields = Fields(typeof(T)).ToDictionary(Name, field => field.GetValue(sample), StringComparer.Ordinal);
        var parts = (Part[])Fields(typeof(Parts)).Single().GetValue(fields["_parts"])!;
        parts.ShouldBeUnique();
        fields.Where(field => field.Value is not Part part || !parts.Contains(part)).Select(field => field.Key)
            .ShouldBe(["_parts", "_values", .. besides], StringComparer.Ordinal, ignoreOrder: true, "a new field: put it into the values, or register it as a part");
    }

    private static FieldInfo[] Fields(Type type) => type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);

    /// <summary>The name of a field, or of the property that it belongs to.</summary>
    private static string Name(FieldInfo field) =>
        field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;
}
