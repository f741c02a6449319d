namespace TcpStatExporter.Counters;

/// <summary>A kernel counter and what it counts.</summary>
/// <param name="Group">Where the kernel prints it.</param>
/// <param name="KernelName">The kernel's spelling: <c>ListenDrops</c>.</param>
/// <param name="IsGauge">It can also decrease, or it is a parameter. Its value is signed: MaxConn is −1 if there is no limit.</param>
/// <param name="IsCurated">Exported by default. The others are exported only with all counters.</param>
/// <param name="Meaning">What it counts: a sentence that begins in lower case and ends with a full stop.</param>
internal sealed record KernelCounter(
    KernelCounterGroup Group,
    string KernelName,
    bool IsGauge,
    bool IsCurated,
    string Meaning)
{
    /// <summary>The name in nstat(8): <c>TcpExtListenDrops</c>.</summary>
    public string Spelling { get; } = Group.Name() + KernelName;
}
