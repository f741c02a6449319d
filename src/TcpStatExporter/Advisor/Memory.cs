using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor;

/// <summary>Shared by the rules about TCP memory.</summary>
internal static class Memory
{
    public const string Foreign = "net.ipv4.tcp_mem (host-wide, only visible in the host's network namespace) or /proc/meminfo could not be read";

    /// <summary>
    /// Returns tcp_mem as the kernel computes it at boot (tcp_init_mem, net/ipv4/tcp.c): the pressure value is a sixteenth of
    /// memory.
    /// </summary>
    public static Change Default(AdvisorContext context, long memory)
    {
        var pressure = Math.Max(128, memory / context.PageSize / 16);
        var low = pressure / 4 * 3;
        return Change.Set(
            context, Sysctl.TcpMem, $"{low} {pressure} {low * 2}", $"as the kernel computes it for {Words.Mebibytes(memory)}: the upper limit is 9.4 % of memory, {Words.Mebibytes((double)low * 2 * context.PageSize)}");
    }

    /// <summary>Returns the current tcp_mem, in pages and in bytes.</summary>
    public static string Measured(AdvisorContext context, in SysctlValue pages, long memory) =>
        $"net.ipv4.tcp_mem {context.Text(Sysctl.TcpMem)} pages of {context.PageSize} bytes: the upper limit is {Words.Mebibytes((double)pages.Third * context.PageSize)} of {Words.Mebibytes(memory)} of memory";
}
