using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;
using Xunit;
using Xunit.Sdk;
using LabNamespace = TcpStatExporter.Testing.Lab.NetNamespace;

namespace TcpStatExporter.Kernel.Tests.Netlink;

/// <summary>Runs tests on a thread in a new network namespace, which is removed after the test.</summary>
internal static partial class Namespace
{
    private const int Nobody = 65534;

    /// <summary>Runs a test in a new namespace, or skips it if that is not permitted.</summary>
    public static void Run(Action<LabNamespace> test)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "needs IPv6");
        using var ns = LabNamespace.Create();
        ns.Run(() => test(ns));
    }

    /// <summary>Makes only the calling thread the user nobody without capabilities, for the rest of its life.</summary>
    public static void BecomeNobody()
    {
        var number = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 117,
            Architecture.Arm64 => 147,
            _ => throw SkipException.ForSkip("setresuid's number is not known here"),
        };

        // the libc function would change every thread; giving up uid 0 drops the thread's capabilities
        if (Syscall(number, Nobody, Nobody, Nobody) != 0)
        {
            throw new InvalidOperationException("setresuid");
        }
    }

    /// <summary>Reads a file of the namespace: <c>snmp</c>, <c>sockstat</c>.</summary>
    public static string ReadProcNet(string name) => File.ReadAllText("/proc/thread-self/net/" + name);

    /// <summary>Reads CurrEstab from the Tcp group of snmp.</summary>
    public static long ReadCurrEstab()
    {
        var lines = ReadProcNet("snmp").Split('\n').Where(l => l.StartsWith("Tcp:", StringComparison.Ordinal)).Select(l => l.Split(' ')).ToArray();
        return Parse(lines[1][Array.IndexOf(lines[0], "CurrEstab")]);
    }

    /// <summary>Reads the values of sockstat and sockstat6 that are per namespace.</summary>
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

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Syscall(nint number, nint first, nint second, nint third);
}
