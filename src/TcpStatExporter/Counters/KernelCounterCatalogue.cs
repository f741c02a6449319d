using System.Collections.Frozen;
using System.Collections.Immutable;

namespace TcpStatExporter.Counters;

/// <summary>
/// What is known of the kernel's TCP counters: the meaning of each that Linux 6.18 prints, and which of them are
/// exported by default. Entries stand in the kernel's order (net/ipv4/proc.c); the texts follow the places
/// in its source where a counter is incremented.
/// </summary>
internal static partial class KernelCounterCatalogue
{
    private static readonly Table TcpTable = new(CreateTcp());
    private static readonly Table TcpExtTable = new(CreateTcpExt());

    /// <summary>The counters of a group that are exported by default, in the kernel's order.</summary>
    public static ImmutableArray<KernelCounter> Curated(KernelCounterGroup group) => TableOf(group).Curated;

    /// <summary>
    /// The counter of that name. One never heard of gets an entry made on the spot: a counter outside the curated
    /// set.
    /// </summary>
    /// <param name="group">Where the kernel prints it.</param>
    /// <param name="kernelName">As the kernel spells it; case matters.</param>
    public static KernelCounter Find(KernelCounterGroup group, string kernelName) =>
        TableOf(group).ByName.TryGetValue(kernelName, out KernelCounter? known) ? known : Unheard(group, kernelName);

    private static Table TableOf(KernelCounterGroup group) => group == KernelCounterGroup.Tcp ? TcpTable : TcpExtTable;

    private static KernelCounter Unheard(KernelCounterGroup group, string kernelName)
    {
        string file = group == KernelCounterGroup.Tcp ? "/proc/net/snmp" : "/proc/net/netstat";
        return Create(group, kernelName, $"kernel counter, as {file} prints it.");
    }

    private static KernelCounter Create(
        KernelCounterGroup group, string kernelName, string text, bool isCurated = false, bool isGauge = false) =>
        new(group, kernelName, isGauge, isCurated, text);

    private sealed class Table(KernelCounter[] counters)
    {
        public FrozenDictionary<string, KernelCounter> ByName { get; } =
            counters.ToFrozenDictionary(counter => counter.KernelName, StringComparer.Ordinal);

        public ImmutableArray<KernelCounter> Curated { get; } = [.. counters.Where(counter => counter.IsCurated)];
    }
}
