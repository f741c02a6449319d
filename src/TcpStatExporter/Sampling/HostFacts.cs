using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>What is known about the host. It is the same in all of its network namespaces.</summary>
internal struct HostFacts
{
    /// <summary>The result of reading the facts.</summary>
    public ReadResult Status;

    /// <summary>The result of reading the processors' packet backlogs.</summary>
    public ReadResult SoftnetStatus;

    /// <summary>Memory, and packets dropped from the processors' backlogs. Values that could not be read are absent.</summary>
    public MachineFacts Machine;
}
