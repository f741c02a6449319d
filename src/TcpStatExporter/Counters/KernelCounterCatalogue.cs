using System.Collections.Frozen;
using System.Collections.Immutable;

namespace TcpStatExporter.Counters;

/// <summary>
/// The kernel's TCP and UDP counters and MPTCP's fallbacks: what each one means in Linux 6.18, and which are exported by
/// default. Entries are in the kernel's order (net/ipv4/proc.c, net/ipv6/proc.c, net/mptcp/mib.c). The texts describe the
/// places in the source that increment a counter.
/// </summary>
internal static partial class KernelCounterCatalogue
{
    /// <summary>Indexed by <see cref="KernelCounterGroup"/>.</summary>
    private static readonly Table[] Tables =
    [
        new(CreateTcp()), new(CreateTcpExt()), new(CreateMPTcpExt()), new(CreateUdp(KernelCounterGroup.Udp)), new(CreateUdp(KernelCounterGroup.Udp6)),
    ];

    /// <summary>The counters of a group that are exported by default, in the kernel's order.</summary>
    public static ImmutableArray<KernelCounter> Curated(KernelCounterGroup group) => Tables[(int)group].Curated;

    /// <summary>All counters of a group that have a description here, in the kernel's order.</summary>
    public static ImmutableArray<KernelCounter> All(KernelCounterGroup group) => Tables[(int)group].All;

    /// <summary>
    /// Returns the counter with this name. For an unknown counter, returns a new entry outside the curated set.
    /// </summary>
    /// <param name="group">Where the kernel prints it.</param>
    /// <param name="kernelName">The kernel's spelling. Case-sensitive.</param>
    public static KernelCounter Find(KernelCounterGroup group, string kernelName) =>
        Tables[(int)group].ByName.TryGetValue(kernelName, out KernelCounter? known) ? known : Unheard(group, kernelName);

    /// <summary>Whether a counter goes down too, or is a parameter. Allocates nothing.</summary>
    /// <param name="group">Where the kernel prints it.</param>
    /// <param name="kernelName">As the kernel spells it.</param>
    public static bool IsGauge(KernelCounterGroup group, string kernelName) =>
        Tables[(int)group].ByName.TryGetValue(kernelName, out KernelCounter? known) && known.IsGauge;

    private static KernelCounter Unheard(KernelCounterGroup group, string kernelName) =>
        Create(group, kernelName, $"kernel counter, as {group.File()} prints it.");

    private static KernelCounter Create(
        KernelCounterGroup group, string kernelName, string text, bool isCurated = false, bool isGauge = false) =>
        new(group, kernelName, isGauge, isCurated, text);

    private sealed class Table(KernelCounter[] counters)
    {
        public FrozenDictionary<string, KernelCounter> ByName { get; } =
            counters.ToFrozenDictionary(counter => counter.KernelName, StringComparer.Ordinal);

        public ImmutableArray<KernelCounter> All { get; } = [.. counters];

        public ImmutableArray<KernelCounter> Curated { get; } = [.. counters.Where(counter => counter.IsCurated)];
    }
}
