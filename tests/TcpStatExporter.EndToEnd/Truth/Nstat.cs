using System.Globalization;

namespace TcpStatExporter.EndToEnd.Truth;

/// <summary>
/// What nstat(8) says of a namespace. It names a counter by its group and its name: TcpExtListenDrops, TcpRetransSegs.
/// It leaves out RtoAlgorithm, RtoMin, RtoMax, MaxConn and CurrEstab of Tcp.
/// </summary>
internal static class Nstat
{
    /// <summary>
    /// Every counter since the namespace exists: -a shows absolute values, -z zeros too, and with -s nothing is kept
    /// for the next call.
    /// </summary>
    /// <param name="ns">Where.</param>
    public static IReadOnlyDictionary<string, long> Read(NetNamespace ns) => Parse(ns.Exec("nstat", "-azs").Checked());

    /// <summary>Counters of the group TcpExt by their names alone.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="names">Names as the kernel spells them.</param>
    public static long[] TcpExt(NetNamespace ns, params string[] names)
    {
        var counters = Read(ns);
        return [.. names.Select(name => counters["TcpExt" + name])];
    }

    /// <summary>Reads what <c>nstat -azs</c> printed.</summary>
    /// <param name="output">Its output: a heading, then name, value and rate in columns.</param>
    /// <exception cref="FormatException">Anything else.</exception>
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
