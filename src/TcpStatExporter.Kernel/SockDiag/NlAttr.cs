using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary><c>struct nlattr</c>, include/uapi/linux/netlink.h. Host byte order; attributes start on 4-byte boundaries.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NlAttr
{
    public const int Size = 4;

    /// <summary>NLA_TYPE_MASK: the two flags above it say "nested" and "network byte order".</summary>
    public const int TypeMask = 0x3fff;

    /// <summary>Bytes of the attribute, this header included, padding not.</summary>
    public ushort Length;
    public ushort Type;
}
