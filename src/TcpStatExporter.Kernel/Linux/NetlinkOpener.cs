using System.Diagnostics.CodeAnalysis;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Opens a socket in one particular network namespace. <see cref="NetlinkSocket.TryOpen"/> opens one in that of the calling
/// thread.
/// </summary>
/// <param name="socket">The socket.</param>
/// <param name="result">Why it could not be opened.</param>
/// <param name="errno">The kernel's error, for the log.</param>
public delegate bool NetlinkOpener([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno);
