using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>The result of one dump.</summary>
/// <param name="Result">Read or failed. A failed dump may have passed some sockets to the visitor. Do not count them.</param>
/// <param name="Interrupted">
/// The kernel's table changed during the dump (NLM_F_DUMP_INTR). Sockets may be missing or reported twice. The caller decides
/// what to do.
/// </param>
/// <param name="Errno">The kernel's errno, for the log. 0 if there was no error.</param>
public readonly record struct DumpResult(ReadResult Result, bool Interrupted, int Errno)
{
    /// <summary>True if the visitor got every matching socket, or stopped early by itself.</summary>
    public bool IsOk => Result.IsOk;
}
