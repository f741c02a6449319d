using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary><c>struct inet_diag_req</c>, include/uapi/linux/inet_diag.h: the body of a TCPDIAG_GETSOCK request.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InetDiagReq
{
    public const int Size = 60;

    public byte Family;
    public byte SourceLength;
    public byte DestinationLength;
    public byte Extensions;
    public InetDiagSockId Id;
    public uint States;
    public uint Tables;
}
