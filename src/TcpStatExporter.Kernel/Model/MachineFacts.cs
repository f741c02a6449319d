namespace TcpStatExporter.Kernel.Model;

/// <summary>What advice needs to know about the machine, besides TCP. Host-wide, whatever the namespace.</summary>
public struct MachineFacts
{
    /// <summary>Memory that the kernel manages, in bytes. 0 if unknown.</summary>
    public long MemoryBytes;

    /// <summary>Packets dropped from the processors' backlogs. Valid if <see cref="HasSoftnet"/>.</summary>
    public SoftnetCounts Softnet;

    /// <summary><c>/proc/net/softnet_stat</c> was read.</summary>
    public bool HasSoftnet;
}
