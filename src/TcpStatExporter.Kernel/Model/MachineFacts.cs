namespace TcpStatExporter.Kernel.Model;

/// <summary>What advice needs to know of the machine beside TCP. Host-wide, whatever the namespace.</summary>
public struct MachineFacts
{
    /// <summary>Memory that the kernel manages, in bytes; 0 where it is not known.</summary>
    public long MemoryBytes;

    /// <summary>What the processors' packet backlogs have dropped; valid if <see cref="HasSoftnet"/>.</summary>
    public SoftnetCounts Softnet;

    /// <summary><c>/proc/net/softnet_stat</c> was read.</summary>
    public bool HasSoftnet;
}
