namespace TcpStatExporter.Kernel.Model;

/// <summary>What the kernel needs to find a connection again: both endpoints, its device and its cookie.</summary>
/// <param name="LocalAddress">Local address, in the family of the socket.</param>
/// <param name="RemoteAddress">Remote address.</param>
/// <param name="LocalPort">Local port, in host order.</param>
/// <param name="RemotePort">Remote port, in host order.</param>
/// <param name="Interface">Index of the interface or VRF that it is bound to. 0 for none.</param>
/// <param name="Cookie">
/// Socket cookie. The kernel never reuses one, so a later connection with the same endpoints is not mistaken for this one.
/// </param>
public readonly record struct TcpSocketId(
    IpAddress LocalAddress, IpAddress RemoteAddress, ushort LocalPort, ushort RemotePort, uint Interface, ulong Cookie)
{
    /// <summary>Returns the id of a socket.</summary>
    /// <param name="socket">The socket.</param>
    public static TcpSocketId Of(in TcpSocket socket) =>
        new(socket.LocalAddress, socket.RemoteAddress, socket.LocalPort, socket.RemotePort, socket.Interface, socket.Cookie);
}
