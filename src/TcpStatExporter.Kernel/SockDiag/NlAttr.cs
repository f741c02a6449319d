using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary><c>struct nlattr</c>, include/uapi/linux/netlink.h. Host byte order. Attributes start on 4-byte boundaries.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NlAttr
{
    public const int Size = 4;

    /// <summary>NLA_TYPE_MASK. The two flags above it mean "nested" and "network byte order".</summary>
    public const int TypeMask = 0x3fff;

    /// <summary>Bytes of the attribute, including this header, without padding.</summary>
    public ushort Length;
    public ushort Type;
}
