using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>What is known of the host, and is the same in each of its network namespaces.</summary>
internal struct HostFacts
{
    /// <summary>What came of reading them.</summary>
    public ReadResult Status;

    /// <summary>What came of reading the processors' packet backlogs.</summary>
    public ReadResult SoftnetStatus;

    /// <summary>Memory, and what the processors' packet backlogs dropped; what could not be read is absent.</summary>
    public MachineFacts Machine;
}
