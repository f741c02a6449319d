using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary><c>struct nlmsghdr</c>, include/uapi/linux/netlink.h. Host byte order. Messages start on 4-byte boundaries.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NlMsgHdr
{
    public const int Size = 16;

    public const ushort TypeNoop = 1;
    public const ushort TypeError = 2;
    public const ushort TypeDone = 3;
    public const ushort TypeOverrun = 4;

    public const ushort FlagRequest = 0x1;
    public const ushort FlagDumpInterrupted = 0x10;
    public const ushort FlagDump = 0x300;

    /// <summary>Bytes of the message, including this header, without padding.</summary>
    public uint Length;
    public ushort Type;
    public ushort Flags;
    public uint Sequence;
    public uint PortId;

    /// <summary>NLMSG_ALIGN and NLA_ALIGN.</summary>
    public static int Align(int length) => (length + 3) & ~3;
}
