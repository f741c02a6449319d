using System.Globalization;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/net/stat/nf_conntrack, printed by ct_cpu_seq_show (net/netfilter/nf_conntrack_standalone.c). A header, then one line
// for each possible processor:
//   entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart
//   0003fffd  00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00001eb3 00000000  00000000 00000000 00000000 00000000
//
// - Each number is %08x. Some columns are separated by two spaces. The counters are those of the file's network namespace.
// - entries is the total of the namespace, the same on each line.
// - Kernels have renamed and added columns (searched became clashres, delete_list became chainlength), so they are found by
//   name.
// - Needs CONFIG_NF_CONNTRACK_PROCFS, and the module if conntrack is built as one.

/// <summary>Parses <c>/proc/net/stat/nf_conntrack</c>.</summary>
public static class NfConntrackStat
{
    /// <summary>Parses the file.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="statistics">Receives the totals of all processors. Unchanged if an error is returned.</param>
    /// <returns>
    /// <see cref="SourceError.Empty"/>. <see cref="SourceError.Truncated"/> if the last line has no newline. <see
    /// cref="SourceError.Malformed"/> if the header lacks insert_failed, drop or early_drop, if no line follows it, or if a
    /// word is not a 32-bit hexadecimal number. <see cref="SourceError.HeaderMismatch"/> if a line does not have as many
    /// numbers as the header has names.
    /// </returns>
    public static ParseError Parse(ReadOnlySpan<byte> text, ref ConntrackStatistics statistics)
    {
        var lines = new TextCursor(text);
        if (!lines.TryReadLine(out var header))
        {
            return lines.MissingLine();
        }

        var columns = Columns.Find(header);
        if (!columns.AreAll)
        {
            return ParseError.Malformed(0);
        }

        var read = default(ConntrackStatistics);
        do
        {
            var offset = lines.Offset;
            if (!lines.TryReadLine(out var line))
            {
                return lines.MissingLine();
            }

            var kind = AddLine(line, columns, ref read);
            if (kind != SourceError.None)
            {
                return new ParseError(kind, offset);
            }
        }
        while (!lines.AtEnd);

        statistics = read;
        return ParseError.None;
    }

    private static SourceError AddLine(ReadOnlySpan<byte> line, in Columns columns, ref ConntrackStatistics read)
    {
        var words = new TextCursor(line);
        var column = 0;
        for (; words.TryReadWord(out var word); column++)
        {
            if (!uint.TryParse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                return SourceError.Malformed;
            }

            read.Dropped += column == columns.Drop ? value : 0;
            read.EarlyDropped += column == columns.EarlyDrop ? value : 0;
            read.InsertFailed += column == columns.InsertFailed ? value : 0;
        }

        return column == columns.Count ? SourceError.None : SourceError.HeaderMismatch;
    }

    /// <summary>Positions of the columns that are read. −1 for a missing one.</summary>
    private readonly record struct Columns(int Count, int Drop, int EarlyDrop, int InsertFailed)
    {
        public bool AreAll => Drop >= 0 && EarlyDrop >= 0 && InsertFailed >= 0;

        public static Columns Find(ReadOnlySpan<byte> header)
        {
            var columns = new Columns(0, -1, -1, -1);
            for (var words = new TextCursor(header); words.TryReadWord(out var word);)
            {
                columns = columns with
                {
                    Count = columns.Count + 1,
                    Drop = word.SequenceEqual("drop"u8) ? columns.Count : columns.Drop,
                    EarlyDrop = word.SequenceEqual("early_drop"u8) ? columns.Count : columns.EarlyDrop,
                    InsertFailed = word.SequenceEqual("insert_failed"u8) ? columns.Count : columns.InsertFailed,
                };
            }

            return columns;
        }
    }
}
