using System.Globalization;
using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Truth;

/// <summary>The sockets of a namespace from ss(8).</summary>
internal static class Ss
{
    private static readonly Dictionary<string, TcpState> States = new(StringComparer.Ordinal)
    {
        ["ESTAB"] = TcpState.Established,
        ["SYN-SENT"] = TcpState.SynSent,
        ["SYN-RECV"] = TcpState.SynRecv,
        ["FIN-WAIT-1"] = TcpState.FinWait1,
        ["FIN-WAIT-2"] = TcpState.FinWait2,
        ["TIME-WAIT"] = TcpState.TimeWait,
        ["UNCONN"] = TcpState.Close,
        ["CLOSE-WAIT"] = TcpState.CloseWait,
        ["LAST-ACK"] = TcpState.LastAck,
        ["LISTEN"] = TcpState.Listen,
        ["CLOSING"] = TcpState.Closing,
    };

    /// <summary>Returns all TCP sockets: <c>ss -Htan</c> with memory and details, one line per socket.</summary>
    /// <param name="ns">The namespace.</param>
    public static IReadOnlyList<SsSocket> Sockets(NetNamespace ns) => Parse(ns.Exec("ss", "-HtanmeO").Checked());

    /// <summary>Returns the listening sockets: <c>ss -Htln</c> with memory and details.</summary>
    /// <param name="ns">The namespace.</param>
    public static IReadOnlyList<SsSocket> Listeners(NetNamespace ns) => Parse(ns.Exec("ss", "-HtlnmeO").Checked());

    /// <summary>Returns the only socket that listens on an address and port.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="endpoint">Address and port.</param>
    public static SsSocket Listener(NetNamespace ns, IPEndPoint endpoint) => Listeners(ns).Single(socket => socket.IsAt(endpoint));

    /// <summary>Returns the number of sockets in each of the eleven states.</summary>
    /// <param name="ns">The namespace.</param>
    public static IReadOnlyDictionary<TcpState, int> CountStates(NetNamespace ns)
    {
        var sockets = Sockets(ns);
        return States.Values.ToDictionary(state => state, state => sockets.Count(socket => socket.State == state));
    }

    /// <summary>Parses the output of <c>ss -HtanmeO</c>.</summary>
    /// <param name="output">Its output.</param>
    /// <exception cref="FormatException">A line is not that of a socket.</exception>
    public static IReadOnlyList<SsSocket> Parse(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ParseLine)];

    private static SsSocket ParseLine(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 5 || !States.TryGetValue(words[0], out var state))
        {
            throw new FormatException($"ss: not a TCP socket: {line}");
        }

        var (local, localPort) = SplitAddress(words[3]);
        var (remote, remotePort) = SplitAddress(words[4]);
        return new SsSocket(
            state,
            Number(words[1]),
            Number(words[2]),
            local,
            localPort,
            remote,
            remotePort,
            ulong.Parse(Detail(words, "ino:") ?? "0", NumberStyles.None, CultureInfo.InvariantCulture),
            Drops(Detail(words, "skmem:")),
            Detail(words, "cgroup:"));
    }

    private static (string Address, int Port) SplitAddress(string text)
    {
        var colon = text.LastIndexOf(':');
        var port = text[(colon + 1)..];
        return (text[..colon].Trim('[', ']'), port is "*" ? 0 : Number(port));
    }

    private static string? Detail(string[] words, string name) =>
        Array.Find(words, word => word.StartsWith(name, StringComparison.Ordinal))?[name.Length..];

    /// <summary>The d in skmem:(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d11).</summary>
    private static uint? Drops(string? memory)
    {
        var drops = memory?.Trim('(', ')').Split(',').Single(part => part.StartsWith('d'));
        return drops is null ? null : uint.Parse(drops.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
