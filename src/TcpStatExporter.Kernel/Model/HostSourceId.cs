namespace TcpStatExporter.Kernel.Model;

/// <summary>The sources of facts that all network namespaces of a host share. Each one is a value of the label <c>source</c>.</summary>
public enum HostSourceId : byte
{
    /// <summary>What advice needs to know about the machine: <c>/proc/meminfo</c>.</summary>
    Machine,

    /// <summary>The processors' packet backlogs, <c>/proc/net/softnet_stat</c>.</summary>
    Softnet,
}
