using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>
/// <c>struct inet_diag_req_v2</c>, include/uapi/linux/inet_diag.h: the body of a SOCK_DIAG_BY_FAMILY request, the only form
/// for UDP.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InetDiagReqV2
{
    public const int Size = 56;

    public byte Family;
    public byte Protocol;
    public byte Extensions;
    public byte Pad;
    public uint States;
    public InetDiagSockId Id;
}
