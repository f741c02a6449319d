namespace TcpStatExporter.Counters;

/// <summary>One counter of the kernel, and what it counts.</summary>
/// <param name="Group">Where the kernel prints it.</param>
/// <param name="KernelName">As the kernel spells it: <c>ListenDrops</c>.</param>
/// <param name="IsGauge">Goes down too, or is a parameter. Its value is signed: MaxConn is −1 where there is no limit.</param>
/// <param name="IsCurated">Exported by default, rather than with all counters only.</param>
/// <param name="Meaning">What is counted: a sentence that begins in lower case and ends with a full stop.</param>
internal sealed record KernelCounter(
    KernelCounterGroup Group,
    string KernelName,
    bool IsGauge,
    bool IsCurated,
    string Meaning)
{
    /// <summary>As nstat(8) prints it: <c>TcpExtListenDrops</c>.</summary>
    public string Spelling { get; } = Group.Name() + KernelName;
}
