namespace TcpStatExporter.Kernel.Model;

/// <summary>Half-open connections counted by the local address and port that the SYN came to.</summary>
public struct SynQueue
{
    /// <summary>Local address, never a wildcard.</summary>
    public IpAddress Address;

    /// <summary>Local port.</summary>
    public ushort Port;

    /// <summary>Connections in SYN_RECV.</summary>
    public int Length;
}
