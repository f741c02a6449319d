namespace TcpStatExporter.Kernel.Model;

/// <summary>Address family of a socket, with the kernel's numbers (AF_INET, AF_INET6).</summary>
public enum IpFamily : byte
{
    /// <summary>No address.</summary>
    None = 0,

    /// <summary>AF_INET.</summary>
    IPv4 = 2,

    /// <summary>AF_INET6, including v4-mapped addresses.</summary>
    IPv6 = 10,
}
