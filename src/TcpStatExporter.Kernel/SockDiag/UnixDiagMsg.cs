using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary><c>struct unix_diag_msg</c>, include/uapi/linux/unix_diag.h: one socket of a reply; attributes follow it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UnixDiagMsg
{
    public const int Size = 16;

    public byte Family;
    public byte Type;
    public byte State;
    public byte Pad;
    public uint Inode;
    public uint CookieLow;
    public uint CookieHigh;
}
