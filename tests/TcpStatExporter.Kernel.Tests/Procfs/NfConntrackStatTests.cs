using System.Text;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Procfs;

public sealed class NfConntrackStatTests
{
    private const string Old =
        "entries  searched found new invalid ignore delete delete_list insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart\n";

    [Fact]
    public void Reads_a_full_table()
    {
        var statistics = default(ConntrackStatistics);
        NfConntrackStat.Parse(Fixture.Bytes($"{Fixture.FullConntrack}/proc/net/stat/nf_conntrack"), ref statistics).IsNone.ShouldBeTrue();
        statistics.EarlyDropped.ShouldBe(8192UL, "nobody answered these");
        (statistics.Dropped, statistics.InsertFailed).ShouldBe((0UL, 0UL));
    }

    /// <summary>The columns of Linux 5.4 and older, and one that does not exist yet.</summary>
    [Theory]
    [InlineData(Old + "00000011  1 2 3 4 5 6 7 8 0000000a 0000000b ffffffff 9  1 1 1 1\n00000011  1 2 3 4 5 6 7 8 1 2 3 9  1 1 1 1\n", 13UL, 0x1_0000_0002UL, 11UL)]
    [InlineData("early_drop later drop insert_failed\n1 2 3 4\n", 3UL, 1UL, 4UL)]
    public void Finds_the_columns_by_name_and_sums_the_processors(string text, ulong dropped, ulong earlyDropped, ulong insertFailed)
    {
        var statistics = new ConntrackStatistics { Dropped = 77 };
        NfConntrackStat.Parse(Encoding.ASCII.GetBytes(text), ref statistics).IsNone.ShouldBeTrue();
        statistics.ShouldBe(new ConntrackStatistics { Dropped = dropped, EarlyDropped = earlyDropped, InsertFailed = insertFailed });
    }

    [Theory]
    [InlineData("", SourceError.Empty, 0)]
    [InlineData("drop early_drop insert_failed", SourceError.Truncated, 0)]
    [InlineData("drop early_drop insert_failed\n", SourceError.Malformed, 30)]
    [InlineData("drop early_drop insert_failed\n1 2 3", SourceError.Truncated, 30)]
    [InlineData("drop early_drop insert_failed\n1 2\n", SourceError.HeaderMismatch, 30)]
    [InlineData("drop early_drop insert_failed\n1 2 3 4\n", SourceError.HeaderMismatch, 30)]
    [InlineData("drop early_drop insert_failed\n1 2 3\n\n", SourceError.HeaderMismatch, 36)]
    [InlineData("drop early_drop insert_failed\n1 2 -3\n", SourceError.Malformed, 30)]
    [InlineData("drop early_drop insert_failed\n1 2 100000000\n", SourceError.Malformed, 30)]
    [InlineData("drop early_drops insert_failed\n1 2 3\n", SourceError.Malformed, 0)]
    [InlineData("\n1 2 3\n", SourceError.Malformed, 0)]
    public void Rejects_broken_input_and_keeps_the_old_values(string text, SourceError error, int offset)
    {
        var statistics = new ConntrackStatistics { Dropped = 77 };
        var outcome = NfConntrackStat.Parse(Encoding.ASCII.GetBytes(text), ref statistics);
        (outcome.Kind, outcome.Offset).ShouldBe((error, offset));
        statistics.ShouldBe(new ConntrackStatistics { Dropped = 77 });
    }
}
