using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;
using Xunit;
using Xunit.Sdk;

namespace TcpStatExporter.Kernel.Tests.Netlink;

/// <summary>
/// A network namespace with nothing in it but loopback, made for one test and gone with it. The test runs on a thread
/// of its own, which ends afterwards; commands are started by the thread that waits for it.
/// </summary>
internal sealed partial class Namespace
{
    private const int CloneNewNet = 0x40000000;
    private const int Nobody = 65534;
    private const int CommandNotFound = 127;
    private readonly BlockingCollection<Action> _outside = [];
    private readonly string _path;

    private Namespace(string path) => _path = path;

    /// <summary>Runs a test in a new namespace. Skips where that is not allowed.</summary>
    public static void Run(Action<Namespace> test)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux");
        Assert.SkipUnless(Socket.OSSupportsIPv6, "needs IPv6");
        Namespace? space = null;
        Exception? failure = null;
        using var ready = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            try
            {
                if (Unshare(CloneNewNet) == 0)
                {
                    LoopbackUp();
                    space = new Namespace($"/proc/{Environment.ProcessId}/task/{GetTid()}/ns/net");
                    ready.Set();
                    test(space);
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
            finally
            {
                space?._outside.CompleteAdding();
                ready.Set();
            }
        });
        thread.Start();
        ready.Wait();
        if (space is not null)
        {
            foreach (var command in space._outside.GetConsumingEnumerable())
            {
                command();
            }
        }

        thread.Join();
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        Assert.SkipWhen(space is null, "making a network namespace needs CAP_SYS_ADMIN");
    }

    /// <summary>File of the namespace, which other threads may open.</summary>
    public string Path => _path;

    /// <summary>Runs something on a thread that is not in the namespace, and waits for its end.</summary>
    public void Outside(Action action)
    {
        var done = new TaskCompletionSource();
        _outside.Add(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        done.Task.GetAwaiter().GetResult();
    }

    /// <summary>The output of a command run in the namespace. Skips the test where there is no such command.</summary>
    public string Command(string program, params string[] arguments)
    {
        var output = new TaskCompletionSource<string>();
        _outside.Add(() =>
        {
            try
            {
                var start = new ProcessStartInfo("nsenter", [$"--net={_path}", program, .. arguments]) { RedirectStandardOutput = true, UseShellExecute = false };
                using var process = Process.Start(start)!;
                var text = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                Assert.SkipWhen(process.ExitCode == CommandNotFound, $"needs {program}");
                output.SetResult(text);
            }
            catch (Exception e)
            {
                output.SetException(e is Win32Exception ? SkipException.ForSkip("needs nsenter") : e);
            }
        });
        return output.Task.GetAwaiter().GetResult();
    }

    /// <summary>Makes the calling thread, and it alone, the user nobody without capabilities, for the rest of its life.</summary>
    public static void BecomeNobody()
    {
        var number = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 117,
            Architecture.Arm64 => 147,
            _ => throw SkipException.ForSkip("setresuid's number is not known here"),
        };

        // the libc function would change every thread; leaving uid 0 drops the thread's capabilities
        if (Syscall(number, Nobody, Nobody, Nobody) != 0)
        {
            throw new InvalidOperationException("setresuid");
        }
    }

    /// <summary>A file of the namespace: <c>snmp</c>, <c>sockstat</c>.</summary>
    public static string ReadProcNet(string name) => File.ReadAllText("/proc/thread-self/net/" + name);

    /// <summary>Tcp CurrEstab of snmp.</summary>
    public static long ReadCurrEstab()
    {
        var lines = ReadProcNet("snmp").Split('\n').Where(l => l.StartsWith("Tcp:", StringComparison.Ordinal)).Select(l => l.Split(' ')).ToArray();
        return Parse(lines[1][Array.IndexOf(lines[0], "CurrEstab")]);
    }

    /// <summary>What sockstat and sockstat6 say, as far as it differs from one namespace to another.</summary>
    public static SockstatCounts ReadSockstat()
    {
        static Dictionary<string, string> Pairs(string text, string protocol)
        {
            var words = text.Split('\n').Single(l => l.StartsWith(protocol + ":", StringComparison.Ordinal)).Split(' ')[1..];
            return words.Chunk(2).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
        }

        var four = Pairs(ReadProcNet("sockstat"), "TCP");
        return new SockstatCounts
        {
            TcpInUse = Parse(four["inuse"]),
            TcpTimeWait = Parse(four["tw"]),
            Tcp6InUse = Parse(Pairs(ReadProcNet("sockstat6"), "TCP6")["inuse"]),
            HasTcp6 = true,
        };
    }

    private static long Parse(string number) => long.Parse(number, CultureInfo.InvariantCulture);

    private static unsafe void LoopbackUp()
    {
        const int GetFlags = 0x8913;
        const int SetFlags = 0x8914;
        const short Up = 1;

        // struct ifreq: 16 bytes of name, then a union that starts with the flags
        var request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        "lo"u8.CopyTo(new Span<byte>(request, 16));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        var flags = (short*)(request + 16);
        if (Ioctl(descriptor, GetFlags, request) != 0)
        {
            throw new InvalidOperationException("SIOCGIFFLAGS");
        }

        *flags |= Up;
        if (Ioctl(descriptor, SetFlags, request) != 0)
        {
            throw new InvalidOperationException("SIOCSIFFLAGS");
        }
    }

    [LibraryImport("libc", EntryPoint = "unshare")]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetTid();

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Syscall(nint number, nint first, nint second, nint third);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static unsafe partial int Ioctl(int descriptor, nuint request, void* argument);
}
