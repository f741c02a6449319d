using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Linux;
using static TcpStatExporter.Host.Libc;

namespace TcpStatExporter.Host;

/// <summary>
/// The terminal of this process. After <see cref="Take"/>, keys arrive as they are pressed, without echo, and Ctrl-C and
/// Ctrl-Z are ordinary keys. <see cref="Dispose"/> restores the original settings.
/// </summary>
internal sealed class Terminal : IDisposable
{
    private const int Input = 0;
    private const int Output = 1;

    /// <summary>TIOCGWINSZ, include/uapi/asm-generic/ioctls.h.</summary>
    private const nuint GetWindowSize = 0x5413;

    /// <summary>TCSADRAIN: after pending output has been written.</summary>
    private const int Drained = 1;

    private const int SigStop = 19;

    /// <summary>More than struct termios needs in any C library on Linux (60 bytes in glibc and musl).</summary>
    private const int TermiosSize = 256;

    private static readonly StandardStream Screen = new(Output);

    private readonly byte[] _found = new byte[TermiosSize];
    private int _isRaw;

    private Terminal()
    {
    }

    /// <summary>True if standard input and standard output are both a terminal.</summary>
    public static bool IsThere => IsTerminal(Input) == 1 && IsTerminal(Output) == 1;

    /// <summary>Saves the terminal's settings. Changes nothing yet.</summary>
    /// <returns>Null if there is no terminal.</returns>
    public static Terminal? Open()
    {
        var terminal = new Terminal();
        return IsThere && GetAttributes(Input, terminal._found) == 0 ? terminal : null;
    }

    /// <summary>Columns and rows. 0 if the terminal does not report them.</summary>
    public static (int Columns, int Rows) Size() =>
        WindowSize(Output, GetWindowSize, out var size) == 0 ? (size.Columns, size.Rows) : (0, 0);

    /// <summary>Waits for keys.</summary>
    /// <param name="keys">Receives them.</param>
    /// <param name="limit">Maximum time to wait.</param>
    /// <returns>Bytes read. 0 if no key came in time. −1 if the terminal has gone.</returns>
    public static int Read(Span<byte> keys, TimeSpan limit)
    {
        var poll = new PollFd { Descriptor = Input, Events = PollIn };
        var ready = Poll(ref poll, 1, (int)Math.Ceiling(Math.Max(0, limit.TotalMilliseconds)));
        if (ready <= 0)
        {
            // a signal, such as a resize, ends the wait
            return ready == 0 || Marshal.GetLastPInvokeError() == Errno.EINTR ? 0 : -1;
        }

        var count = ReadBytes(Input, keys, (nuint)keys.Length);
        return count > 0 ? (int)count : Marshal.GetLastPInvokeError() == Errno.EINTR && count < 0 ? 0 : -1;
    }

    /// <summary>Writes bytes unchanged.</summary>
    /// <param name="bytes">What to write.</param>
    /// <returns>False if the terminal has gone.</returns>
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

    /// <summary>Suspends this process, like Ctrl-Z, until somebody resumes it. Restore the terminal first.</summary>
    public static void StopProcess() => _ = Kill(Environment.ProcessId, SigStop);

    /// <summary>Takes over the terminal, unless already done.</summary>
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

    /// <summary>Restores the original settings. Safe to call from any thread, and more than once.</summary>
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
