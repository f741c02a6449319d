using System.Text;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor;

/// <summary>Formats sets of ports like ip_local_reserved_ports.</summary>
internal static class PortRanges
{
    /// <summary>Returns "8080,9000-9010", or an empty text if there are no ports.</summary>
    /// <param name="ports">The ports.</param>
    public static string Format(PortSet ports)
    {
        var text = new StringBuilder();
        for (var first = 0; first <= ushort.MaxValue; first++)
        {
            if (!ports.Contains((ushort)first))
            {
                continue;
            }

            var last = first;
            while (last < ushort.MaxValue && ports.Contains((ushort)(last + 1)))
            {
                last++;
            }

            text.Append(text.Length > 0 ? "," : "").Append(first);
            if (last > first)
            {
                text.Append('-').Append(last);
            }

            first = last;
        }

        return text.ToString();
    }
}
