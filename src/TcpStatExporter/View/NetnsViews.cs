using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Namespaces;

namespace TcpStatExporter.View;

/// <summary>Views of the network namespaces that were found. Any thread may ask.</summary>
/// <param name="watch">Watches them.</param>
/// <param name="advices">What judges those that have series.</param>
/// <param name="host">Name of the host.</param>
internal sealed class NetnsViews(NetnsWatch watch, NetnsAdvices advices, string host)
{
    /// <summary>All of them, those in trouble first; null if none is to be shown.</summary>
    public IReadOnlyList<NetnsView>? Read()
    {
        if (!watch.Totals.IsOn)
        {
            return null;
        }

        var rows = new ValueList<NetnsRow>();
        watch.CopyRowsTo(rows);
        return
        [
            .. rows.Span.ToArray()
                .OrderByDescending(row => row.IsInTrouble)
                .ThenByDescending(row => row.Recent.ListenDrops + row.Recent.Other)
                .ThenByDescending(row => row.QueueFill > 1)
                .ThenByDescending(row => row.WasInTrouble)
                .ThenByDescending(row => row.Total.ListenDrops + row.Total.Other)
                .ThenByDescending(row => row.Established)
                .ThenBy(row => row.Identity.Name, StringComparer.Ordinal)
                .Select(row => new NetnsView(
                    row.Identity.Name,
                    row.Identity.Kind.Name(),
                    row.Namespaces,
                    row.IsInTrouble,
                    row.WasInTrouble,
                    row.HasSeries,
                    row.Established,
                    row.TimeWait,
                    row.Recent.ListenDrops,
                    row.Total.ListenDrops,
                    row.Total.Other,
                    row.Recent.Sent > 0 ? (double)row.Recent.Retransmitted / (row.Recent.Sent + row.Recent.Retransmitted) : null,
                    row.CloseWait,
                    double.IsNaN(row.QueueFill) ? null : row.QueueFill)),
        ];
    }

    /// <summary>Makes views of one.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Null if there is none of this name that has series.</returns>
    public ViewReader? ReaderOf(string name)
    {
        foreach (var one in advices.All)
        {
            if (one.Watched.Identity.Name == name)
            {
                return new ViewReader(one.Watched.Store, one.Judge.Advice, $"{name} on {host}", Read) { IsOther = true };
            }
        }

        return null;
    }
}
