using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>What came of one dump.</summary>
/// <param name="Result">Read or failed. A failed dump may have handed out some sockets: they are not a count of anything.</param>
/// <param name="Interrupted">The kernel's table changed during the dump (NLM_F_DUMP_INTR): sockets may be missing or told twice. What to do about it is the caller's choice.</param>
/// <param name="Errno">The kernel's error, 0 where there was none, for the log.</param>
public readonly record struct DumpResult(ReadResult Result, bool Interrupted, int Errno)
{
    /// <summary>True if every socket asked for was handed out, or the visitor stopped.</summary>
    public bool IsOk => Result.IsOk;
}
