namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>What came of parsing one datagram of a reply.</summary>
/// <param name="Status">Whether the dump goes on, is complete, or broke.</param>
/// <param name="Interrupted">A message bore NLM_F_DUMP_INTR: the kernel's table changed so that sockets may be missing or told twice.</param>
/// <param name="Errno">The kernel's error, positive; 0 unless <see cref="ReplyStatus.Error"/>.</param>
/// <param name="Fault">What is wrong; <see cref="ReplyFault.None"/> unless <see cref="ReplyStatus.Malformed"/>.</param>
/// <param name="Offset">Where in the datagram the fault is.</param>
public readonly record struct ReplyResult(ReplyStatus Status, bool Interrupted, int Errno = 0, ReplyFault Fault = ReplyFault.None, int Offset = 0);
