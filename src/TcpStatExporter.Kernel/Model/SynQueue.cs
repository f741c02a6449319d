namespace TcpStatExporter.Kernel.Model;

/// <summary>Half-open connections, counted by the local address, port and device of the SYN.</summary>
public struct SynQueue
{
    /// <summary>Local address, never a wildcard.</summary>
    public IpAddress Address;

    /// <summary>Local port.</summary>
    public ushort Port;

    /// <summary>
    /// Index of the interface or VRF that the listener is bound to. 0 if there is none or the source does not report it.
    /// </summary>
    public uint Interface;

    /// <summary>Connections in SYN_RECV.</summary>
    public int Length;
}
