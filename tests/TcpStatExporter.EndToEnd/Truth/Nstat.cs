using System.Globalization;

namespace TcpStatExporter.EndToEnd.Truth;

/// <summary>
/// The counters of a namespace from nstat(8). It names a counter by group and name: TcpExtListenDrops, TcpRetransSegs. It
/// omits RtoAlgorithm, RtoMin, RtoMax, MaxConn and CurrEstab of Tcp.
/// </summary>
internal static class Nstat
{
    /// <summary>
    /// Returns all counters since the namespace was created. -a prints absolute values, -z includes zeros, and -s keeps
    /// nothing for the next call.
    /// </summary>
    /// <param name="ns">The namespace.</param>
    public static IReadOnlyDictionary<string, long> Read(NetNamespace ns) => Parse(ns.Exec("nstat", "-azs").Checked());

    /// <summary>Returns counters of the group TcpExt by their names alone.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="names">The kernel's names.</param>
    public static long[] TcpExt(NetNamespace ns, params string[] names)
    {
        var counters = Read(ns);
        return [.. names.Select(name => counters["TcpExt" + name])];
    }

    /// <summary>Parses the output of <c>nstat -azs</c>.</summary>
    /// <param name="output">Its output: a heading, then name, value and rate in columns.</param>
    /// <exception cref="FormatException">The text has another format.</exception>
    public static IReadOnlyDictionary<string, long> Parse(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines is not ["#kernel", ..])
        {
            throw new FormatException("nstat: no heading");
        }

        return lines.Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(
                words => words is [var name, _, _] ? name : throw new FormatException($"nstat: {string.Join(' ', words)}"),
                words => long.Parse(words[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
                StringComparer.Ordinal);
    }
}
