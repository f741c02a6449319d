using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary><c>struct inet_diag_msg</c>, include/uapi/linux/inet_diag.h: one socket in a reply. Attributes follow it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InetDiagMsg
{
    public const int Size = 72;

    public byte Family;
    public byte State;
    public byte Timer;
    public byte Retransmits;
    public InetDiagSockId Id;
    public uint Expires;
    public uint ReceiveQueue;
    public uint SendQueue;
    public uint Uid;
    public uint Inode;
}
