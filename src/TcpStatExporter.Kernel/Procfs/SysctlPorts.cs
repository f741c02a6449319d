using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/sys/net/ipv4/ip_local_reserved_ports, printed by proc_do_large_bitmap (kernel/sysctl.c):
//   8080,9148,10000-11000
//
// - An empty line if no port is reserved. In ascending order. Adjacent ports are joined into ranges, with both ends included.

/// <summary>Parses the kernel parameter <c>ip_local_reserved_ports</c>.</summary>
public static class SysctlPorts
{
    /// <summary>Parses the file.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="ports">Receives the ports. Unchanged if an error is returned.</param>
    /// <returns>
    /// <see cref="SourceError.Empty"/>. <see cref="SourceError.Truncated"/> if the line has no newline. <see
    /// cref="SourceError.Malformed"/> for anything other than ports and ranges. <see cref="SourceError.NumberOutOfRange"/>
    /// for a port above 65535.
    /// </returns>
    public static ParseError Parse(ReadOnlySpan<byte> text, PortSet ports)
    {
        ArgumentNullException.ThrowIfNull(ports);
        var lines = new TextCursor(text);
        if (!lines.TryReadLine(out var line))
        {
            return lines.MissingLine();
        }

        if (!lines.AtEnd)
        {
            return ParseError.Malformed(lines.Offset);
        }

        // two passes, so an error never leaves the set half updated
        var error = Walk(line, into: null);
        if (error.IsNone)
        {
            ports.Clear();
            Walk(line, ports);
        }

        return error;
    }

    private static ParseError Walk(ReadOnlySpan<byte> line, PortSet? into)
    {
        if (line.IsEmpty)
        {
            return ParseError.None;
        }

        foreach (var part in line.Split((byte)','))
        {
            var item = line[part];
            var dash = item.IndexOf((byte)'-');
            var error = ReadPort(dash < 0 ? item : item[..dash], out var low);
            var high = low;
            if (error == SourceError.None && dash >= 0)
            {
                error = ReadPort(item[(dash + 1)..], out high);
            }

            if (error == SourceError.None && low > high)
            {
                error = SourceError.Malformed;
            }

            if (error != SourceError.None)
            {
                return new ParseError(error, part.Start.Value);
            }

            for (int port = low; into is not null && port <= high; port++)
            {
                into.Add((ushort)port);
            }
        }

        return ParseError.None;
    }

    private static SourceError ReadPort(ReadOnlySpan<byte> word, out ushort port)
    {
        var error = Number.Parse(word, out ulong number);
        port = (ushort)number;
        return error == SourceError.None && number > ushort.MaxValue ? SourceError.NumberOutOfRange : error;
    }
}
