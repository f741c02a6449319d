using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary><c>struct inet_diag_sockid</c>, include/uapi/linux/inet_diag.h. Ports and addresses are in network byte order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InetDiagSockId
{
    public const int Size = 48;

    public ushort SourcePort;
    public ushort DestinationPort;
    public Address Source;
    public Address Destination;
    public uint Interface;
    public uint CookieLow;
    public uint CookieHigh;

    /// <summary>Four <c>__be32</c>. IPv4 uses only the first.</summary>
    [InlineArray(16)]
    public struct Address
    {
        private byte _first;
    }
}
