using System.Globalization;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Truth;

/// <summary>The files below /proc/net of a namespace, read in the simplest way.</summary>
internal static class ProcNet
{
    /// <summary>
    /// Returns a whole file, byte for byte. /proc/net itself belongs to the namespace of the process's first thread.
    /// </summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="file">Its name: tcp, tcp6, snmp, netstat, sockstat, sockstat6.</param>
    public static byte[] Bytes(NetNamespace ns, string file) => ns.Run(() => File.ReadAllBytes(PathOf(file)));

    /// <summary>Returns the lines of a file.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="file">Its name.</param>
    public static string[] Lines(NetNamespace ns, string file) => ns.Run(() => File.ReadAllLines(PathOf(file)));

    /// <summary>Returns the number of sockets in tcp and tcp6 in each of the eleven states.</summary>
    /// <param name="ns">The namespace.</param>
    public static IReadOnlyDictionary<TcpState, int> CountStates(NetNamespace ns)
    {
        var states = Rows(ns)
            .Select(columns => (TcpState)byte.Parse(columns[3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))
            .ToArray();
        return Enum.GetValues<TcpState>()
            .Where(state => state is > TcpState.None and <= TcpState.Closing)
            .ToDictionary(state => state, state => states.Count(found => found == state));
    }

    /// <summary>Returns the rows of tcp, then of tcp6, split into columns.</summary>
    /// <param name="ns">The namespace.</param>
    public static IReadOnlyList<string[]> Rows(NetNamespace ns)
    {
        var lines = Lines(ns, "tcp").Skip(1);
        if (ns.HasIPv6)
        {
            lines = lines.Concat(Lines(ns, "tcp6").Skip(1));
        }

        return [.. lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
    }

    /// <summary>Returns one number of sockstat or sockstat6.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="group">TCP or TCP6.</param>
    /// <param name="name">inuse, orphan, tw, alloc or mem.</param>
    public static long Sockstat(NetNamespace ns, string group, string name)
    {
        var line = Lines(ns, group.EndsWith('6') ? "sockstat6" : "sockstat")
            .Single(line => line.StartsWith(group + ":", StringComparison.Ordinal));
        var words = line.Split(' ');
        return long.Parse(words[Array.IndexOf(words, name) + 1], NumberStyles.None, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Returns one value of snmp or netstat. nstat has most of them, but omits what it considers useless, including
    /// CurrEstab.
    /// </summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="file">snmp or netstat.</param>
    /// <param name="group">Tcp or TcpExt.</param>
    /// <param name="name">The kernel's name.</param>
    public static long Counter(NetNamespace ns, string file, string group, string name)
    {
        var lines = Lines(ns, file)
            .Where(line => line.StartsWith(group + ":", StringComparison.Ordinal))
            .Select(line => line.Split(' '))
            .ToArray();
        return long.Parse(lines[1][Array.IndexOf(lines[0], name)], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }

    private static string PathOf(string file) => "/proc/thread-self/net/" + file;
}
