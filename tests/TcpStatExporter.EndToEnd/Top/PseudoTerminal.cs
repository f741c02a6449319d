using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TcpStatExporter.EndToEnd.Top;

/// <summary>
/// A terminal like that of an ssh session: a pair of kernel pseudo-terminals, and a screen that interprets what is written to
/// it.
/// </summary>
internal sealed unsafe partial class PseudoTerminal : IDisposable
{
    private const int ReadWrite = 2;
    private const int NoControllingTerminal = 0x100;
    private const int CloseOnExec = 0x8_0000;

    /// <summary>include/uapi/asm-generic/ioctls.h.</summary>
    private const nuint SetWindowSize = 0x5414;

    private readonly SafeFileHandle _master;
    private readonly FileStream _stream;
    private readonly Task _pump;
    private readonly List<byte> _written = [];
    private VirtualScreen _screen;

    /// <summary>Opens a terminal.</summary>
    /// <param name="columns">Width in columns.</param>
    /// <param name="rows">Height in rows.</param>
    public PseudoTerminal(int columns, int rows)
    {
        var master = (int)Libc.Check(OpenMaster(ReadWrite | NoControllingTerminal | CloseOnExec), "posix_openpt");
        _master = new SafeFileHandle(master, ownsHandle: true);
        Libc.Check(Grant(master), "grantpt");
        Libc.Check(Unlock(master), "unlockpt");
        var name = stackalloc byte[64];
        Libc.Check(-NameOf(master, name, 64), "ptsname_r");
        Path = Marshal.PtrToStringUTF8((nint)name)!;
        _screen = new VirtualScreen(columns, rows);
        Resize(columns, rows);
        _stream = new FileStream(_master, FileAccess.ReadWrite, bufferSize: 0);
        _pump = Task.Factory.StartNew(Pump, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The path that programs open.</summary>
    public string Path { get; }

    /// <summary>All bytes written to it.</summary>
    public byte[] Written
    {
        get
        {
            lock (_written)
            {
                return [.. _written];
            }
        }
    }

    /// <summary>Returns what a person sees now, and the state of the terminal.</summary>
    public T Look<T>(Func<VirtualScreen, T> look)
    {
        lock (_written)
        {
            return look(_screen);
        }
    }

    /// <summary>The screen as text.</summary>
    public string Text => Look(screen => screen.Text);

    /// <summary>Presses keys.</summary>
    public void Press(string keys) => _stream.Write(System.Text.Encoding.ASCII.GetBytes(keys));

    /// <summary>Changes its size. The kernel informs the program.</summary>
    public void Resize(int columns, int rows)
    {
        lock (_written)
        {
            _screen = _screen.Resized(columns, rows);
        }

        var size = stackalloc ushort[4];
        size[0] = (ushort)rows;
        size[1] = (ushort)columns;
        Libc.Check(SetSize((int)_master.DangerousGetHandle(), SetWindowSize, size), "ioctl");
    }

    /// <summary>Waits until the screen shows a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="seconds">Time limit.</param>
    public void WaitFor(string text, int seconds = 60) => WaitUntil(screen => screen.Text.Contains(text, StringComparison.Ordinal), text, seconds);

    /// <summary>Waits until the screen meets a condition.</summary>
    public void WaitUntil(Func<VirtualScreen, bool> condition, string what, int seconds = 60) => Wait.Until(
        () => Look(condition),
        () => string.Create(CultureInfo.InvariantCulture, $"{what}; the screen:\n{Text}"),
        TimeSpan.FromSeconds(seconds),
        TimeSpan.FromMilliseconds(20));

    public void Dispose()
    {
        // EIO ends the pump when nobody holds the other end; closing the master ends it in any case
        _stream.Dispose();
        _pump.Wait(TimeSpan.FromSeconds(5));
    }

    private void Pump()
    {
        var buffer = new byte[65_536];
        while (true)
        {
            int count;
            try
            {
                count = _stream.Read(buffer);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // EIO: no program has it open at the moment
                if (_stream.SafeFileHandle.IsClosed)
                {
                    return;
                }

                Thread.Sleep(10);
                continue;
            }

            lock (_written)
            {
                _written.AddRange(buffer.AsSpan(0, count));
                _screen.Write(buffer.AsSpan(0, count));
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_openpt", SetLastError = true)]
    private static partial int OpenMaster(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt", SetLastError = true)]
    private static partial int Grant(int master);

    [LibraryImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
    private static partial int Unlock(int master);

    [LibraryImport("libc", EntryPoint = "ptsname_r", SetLastError = true)]
    private static partial int NameOf(int master, byte* name, nint size);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int SetSize(int descriptor, nuint request, ushort* size);
}
