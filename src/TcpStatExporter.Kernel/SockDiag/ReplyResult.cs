namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>The result of parsing one datagram of a reply.</summary>
/// <param name="Status">Whether the dump continues, is complete, or failed.</param>
/// <param name="Interrupted">
/// A message had NLM_F_DUMP_INTR: the kernel's table changed, so sockets may be missing or reported twice.
/// </param>
/// <param name="Errno">The kernel's error, as a positive number. 0 unless <see cref="ReplyStatus.Error"/>.</param>
/// <param name="Fault">What is wrong. <see cref="ReplyFault.None"/> unless <see cref="ReplyStatus.Malformed"/>.</param>
/// <param name="Offset">Offset of the fault in the datagram.</param>
public readonly record struct ReplyResult(ReplyStatus Status, bool Interrupted, int Errno = 0, ReplyFault Fault = ReplyFault.None, int Offset = 0);
