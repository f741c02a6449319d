using System.Diagnostics.CodeAnalysis;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>Opens a socket in the network namespace that it stands for; <see cref="NetlinkSocket.TryOpen"/> does in the calling thread's.</summary>
/// <param name="socket">The socket.</param>
/// <param name="result">Why it could not be opened.</param>
/// <param name="errno">The kernel's error, for the log.</param>
public delegate bool NetlinkOpener([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno);
