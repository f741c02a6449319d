using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Reports which of many processes have ended, through their pidfds in one epoll instance. A check costs one system call,
/// whatever the number of processes, and allocates nothing. Not thread-safe.
/// </summary>
/// <remarks>
/// pidfd_open(2) exists since Linux 5.3 and needs no privilege. A seccomp filter may refuse it. A pidfd becomes readable when
/// the process ends. It keeps neither the process nor its namespaces alive.
/// </remarks>
public sealed class ProcessDeaths : IDisposable
{
    private const int MaxEvents = 64;

    /// <summary>The token of <see cref="Wake"/>. No process has it.</summary>
    private const ulong Waker = 0;

    /// <summary>struct epoll_event is packed on x86-64 only (linux/eventpoll.h).</summary>
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? sizeof(uint) : sizeof(ulong);

    private static readonly int EventSize = DataOffset + sizeof(ulong);

    private readonly SafeFileHandle _epoll = new(Libc.EpollCreate(Libc.EpollCloseOnExec), ownsHandle: true);
    private readonly byte[] _events = new byte[MaxEvents * EventSize];
    private readonly SafeFileHandle _wake = new(Libc.EventFile(initial: 0, Libc.EventFlags), ownsHandle: true);

    /// <summary>Creates an empty set.</summary>
    public ProcessDeaths() => _ = TryAdd((int)_wake.DangerousGetHandle(), Waker);

    /// <summary>Watches a process.</summary>
    /// <param name="pid">Its id.</param>
    /// <param name="token">The token that <see cref="Take"/> returns when the process has ended. Not 0.</param>
    /// <returns>Its pidfd. Dispose it to stop watching. Null if the process has ended or cannot be watched.</returns>
    public SafeFileHandle? TryWatch(int pid, ulong token)
    {
        var descriptor = (int)Libc.PidfdOpen(Libc.PidfdOpenNumber, pid, flags: 0);
        if (descriptor < 0)
        {
            return null;
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (TryAdd(descriptor, token))
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    /// <summary>Waits until a watched process ends, <see cref="Wake"/> is called, or the time is up.</summary>
    /// <param name="time">The time.</param>
    public void Wait(TimeSpan time)
    {
        var count = Libc.EpollWait(_epoll, _events, MaxEvents, (int)Math.Ceiling(Math.Clamp(time.TotalMilliseconds, 0, int.MaxValue)));
        for (var i = 0; i < count; i++)
        {
            if (TokenAt(i) == Waker)
            {
                var value = 0UL;
                _ = Libc.Read(_wake, ref value, sizeof(ulong));
            }
        }
    }

    /// <summary>Ends a <see cref="Wait"/>: the current one, or the next one. Any thread may call it.</summary>
    public void Wake() => _ = Libc.Write(_wake, 1UL, sizeof(ulong));

    /// <summary>
    /// Returns the processes that have ended. It returns each one until its watch is disposed: do that before the next call.
    /// </summary>
    /// <param name="tokens">Receives their tokens.</param>
    /// <returns>Number of tokens.</returns>
    public int Take(Span<ulong> tokens)
    {
        var count = Libc.EpollWait(_epoll, _events, Math.Min(tokens.Length, MaxEvents), milliseconds: 0);
        var dead = 0;
        for (var i = 0; i < count; i++)
        {
            if (TokenAt(i) is var token and not Waker)
            {
                tokens[dead++] = token;
            }
        }

        return dead;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _epoll.Dispose();
        _wake.Dispose();
    }

    private ulong TokenAt(int index) => BinaryPrimitives.ReadUInt64LittleEndian(_events.AsSpan((index * EventSize) + DataOffset));

    private bool TryAdd(int descriptor, ulong token)
    {
        Span<byte> wanted = stackalloc byte[EventSize];
        wanted.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(wanted, Libc.EpollIn);
        BinaryPrimitives.WriteUInt64LittleEndian(wanted[DataOffset..], token);
        return Libc.EpollControl(_epoll, Libc.EpollAdd, descriptor, wanted) == 0;
    }
}
