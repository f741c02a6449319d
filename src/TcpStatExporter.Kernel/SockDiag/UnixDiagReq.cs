using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary><c>struct unix_diag_req</c>, include/uapi/linux/unix_diag.h: the body of a SOCK_DIAG_BY_FAMILY request for AF_UNIX.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UnixDiagReq
{
    public const int Size = 24;

    public byte Family;
    public byte Protocol;
    public ushort Pad;
    public uint States;
    public uint Inode;
    public uint Show;
    public uint CookieLow;
    public uint CookieHigh;
}
