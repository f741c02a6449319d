using System.Runtime.InteropServices;

namespace TcpStatExporter.Host;

/// <summary>
/// The C library calls that this process needs for its own terminal, output and memory. For errors, see <see
/// cref="Kernel.Linux.Errno"/>.
/// </summary>
internal static partial class Libc
{
    /// <summary>POLLIN, include/uapi/asm-generic/poll.h.</summary>
    public const short PollIn = 1;

    /// <summary>POLLOUT, include/uapi/asm-generic/poll.h.</summary>
    public const short PollOut = 4;

    /// <summary>poll(2).</summary>
    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(ref PollFd descriptors, nuint count, int milliseconds);

    /// <summary>read(2).</summary>
    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint ReadBytes(int descriptor, Span<byte> buffer, nuint count);

    /// <summary>write(2).</summary>
    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint WriteBytes(int descriptor, ReadOnlySpan<byte> buffer, nuint count);

    /// <summary>signal(2).</summary>
    [LibraryImport("libc", EntryPoint = "signal")]
    public static partial nint SetSignal(int signal, nint handler);

    /// <summary>kill(2).</summary>
    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Kill(int process, int signal);

    /// <summary>isatty(3).</summary>
    [LibraryImport("libc", EntryPoint = "isatty")]
    public static partial int IsTerminal(int descriptor);

    /// <summary>tcgetattr(3).</summary>
    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    public static partial int GetAttributes(int descriptor, Span<byte> termios);

    /// <summary>tcsetattr(3).</summary>
    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    public static partial int SetAttributes(int descriptor, int when, ReadOnlySpan<byte> termios);

    /// <summary>cfmakeraw(3).</summary>
    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    public static partial void MakeRaw(Span<byte> termios);

    /// <summary>ioctl(2) with TIOCGWINSZ.</summary>
    [LibraryImport("libc", EntryPoint = "ioctl")]
    public static partial int WindowSize(int descriptor, nuint request, out WindowSizeReply size);

    /// <summary>mallopt(3). musl does not have it.</summary>
    [LibraryImport("libc", EntryPoint = "mallopt")]
    public static partial int SetAllocatorOption(int parameter, int value);

    /// <summary>madvise(2).</summary>
    [LibraryImport("libc", EntryPoint = "madvise")]
    public static partial int AdviseMemory(nint start, nint length, int advice);

    /// <summary><c>struct pollfd</c>, include/uapi/asm-generic/poll.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Descriptor;
        public short Events;
        public short ReturnedEvents;
    }

    /// <summary><c>struct winsize</c>, include/uapi/asm-generic/termios.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct WindowSizeReply
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }
}
