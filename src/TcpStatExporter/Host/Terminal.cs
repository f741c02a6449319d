using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Linux;
using static TcpStatExporter.Host.Libc;

namespace TcpStatExporter.Host;

/// <summary>
/// The terminal of this process, byte by byte: once it is taken, keys come as they are pressed, unechoed, and Ctrl-C and
/// Ctrl-Z are keys as any other. <see cref="Dispose"/> leaves its settings as they were found.
/// </summary>
internal sealed class Terminal : IDisposable
{
    private const int Input = 0;
    private const int Output = 1;

    /// <summary>TIOCGWINSZ, include/uapi/asm-generic/ioctls.h.</summary>
    private const nuint GetWindowSize = 0x5413;

    /// <summary>TCSADRAIN: once what was written has gone out.</summary>
    private const int Drained = 1;

    private const int SigStop = 19;

    /// <summary>More than struct termios takes in any C library of Linux (60 bytes in glibc and musl).</summary>
    private const int TermiosSize = 256;

    private static readonly StandardStream Screen = new(Output);

    private readonly byte[] _found = new byte[TermiosSize];
    private int _isRaw;

    private Terminal()
    {
    }

    /// <summary>Whether keys come from a terminal and output goes to one.</summary>
    public static bool IsThere => IsTerminal(Input) == 1 && IsTerminal(Output) == 1;

    /// <summary>Takes note of the terminal's settings, and changes nothing yet.</summary>
    /// <returns>None where there is no terminal.</returns>
    public static Terminal? Open()
    {
        var terminal = new Terminal();
        return IsThere && GetAttributes(Input, terminal._found) == 0 ? terminal : null;
    }

    /// <summary>Columns and rows; 0 where the terminal does not know.</summary>
    public static (int Columns, int Rows) Size() =>
        WindowSize(Output, GetWindowSize, out var size) == 0 ? (size.Columns, size.Rows) : (0, 0);

    /// <summary>Waits for keys.</summary>
    /// <param name="keys">Receives them.</param>
    /// <param name="limit">How long to wait at most.</param>
    /// <returns>Bytes read: 0 where none came in time; −1 where the terminal has gone.</returns>
    public static int Read(Span<byte> keys, TimeSpan limit)
    {
        var poll = new PollFd { Descriptor = Input, Events = PollIn };
        var ready = Poll(ref poll, 1, (int)Math.Ceiling(Math.Max(0, limit.TotalMilliseconds)));
        if (ready <= 0)
        {
            // a signal, such as that of a new size, ends the wait
            return ready == 0 || Marshal.GetLastPInvokeError() == Errno.EINTR ? 0 : -1;
        }

        var count = ReadBytes(Input, keys, (nuint)keys.Length);
        return count > 0 ? (int)count : Marshal.GetLastPInvokeError() == Errno.EINTR && count < 0 ? 0 : -1;
    }

    /// <summary>Writes bytes as they are.</summary>
    /// <param name="bytes">What to write.</param>
    /// <returns>False where the terminal has gone.</returns>
    public static bool Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Screen.Write(bytes);
            return true;
        }
        catch (StandardStreamException)
        {
            return false;
        }
    }

    /// <summary>Stops this process, as Ctrl-Z does, until somebody has it go on. The terminal is to be as it was found before.</summary>
    public static void StopProcess() => _ = Kill(Environment.ProcessId, SigStop);

    /// <summary>Takes the terminal, where it is not taken already.</summary>
    public void Take()
    {
        if (Interlocked.Exchange(ref _isRaw, 1) == 0)
        {
            Span<byte> raw = stackalloc byte[TermiosSize];
            _found.CopyTo(raw);
            MakeRaw(raw);
            _ = SetAttributes(Input, Drained, raw);
        }
    }

    /// <summary>Leaves the settings as they were found. May be called from any thread, and more than once.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _isRaw, 0) == 1)
        {
            _ = SetAttributes(Input, Drained, _found);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Release();
}
