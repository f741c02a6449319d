using System.Text;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Procfs;

public sealed class MachineTests
{
    [Theory]
    [InlineData("MemTotal:       24683620 kB\nMemFree:        22164104 kB\n", 24683620L * 1024, SourceError.None)]
    [InlineData("MemFree: 1 kB\nMemTotal: 0 kB\n", 0L, SourceError.None)]
    [InlineData("", 0L, SourceError.Empty)]
    [InlineData("MemFree: 1 kB\n", 0L, SourceError.Malformed)]
    [InlineData("MemTotal:\n", 0L, SourceError.Malformed)]
    [InlineData("MemTotal: 5\n", 0L, SourceError.Malformed)]
    [InlineData("MemTotal: 5 MB\n", 0L, SourceError.Malformed)]
    [InlineData("MemTotal: x kB\n", 0L, SourceError.Malformed)]
    [InlineData("MemTotal: 24683620 kB", 0L, SourceError.Truncated)]
    [InlineData("MemTotal: -1 kB\n", 0L, SourceError.NumberOutOfRange)]
    [InlineData("MemTotal: 9223372036854775807 kB\n", 0L, SourceError.NumberOutOfRange)]
    public void Reads_the_size_of_memory(string text, long expected, SourceError error)
    {
        Meminfo.ParseTotal(Encoding.ASCII.GetBytes(text), out var bytes).Kind.ShouldBe(error);
        bytes.ShouldBe(expected);
    }

    [Theory]
    [InlineData("001bd850 00000002 00000003 00000000 00000001\nffffffff 00000010 00000001\n", 0x1_001bd84ful, 18ul, 4ul)]
    [InlineData("0000000a 0000000b 0000000c\n", 10ul, 11ul, 12ul)]
    public void Sums_the_processors(string text, ulong processed, ulong dropped, ulong squeezed)
    {
        var counts = new SoftnetCounts { Dropped = 77 };
        SoftnetStat.Parse(Encoding.ASCII.GetBytes(text), ref counts).IsNone.ShouldBeTrue();
        counts.ShouldBe(new SoftnetCounts { Processed = processed, Dropped = dropped, Squeezed = squeezed });
    }

    [Theory]
    [InlineData("", SourceError.Empty, 0)]
    [InlineData("00000001 00000002 00000003", SourceError.Truncated, 0)]
    [InlineData("00000001 00000002 00000003\n00000001 00000002\n", SourceError.Malformed, 27)]
    [InlineData("00000001 00000002 -0000003\n", SourceError.Malformed, 0)]
    [InlineData("00000001 100000002 00000003\n", SourceError.Malformed, 0)]
    [InlineData("\n", SourceError.Malformed, 0)]
    public void Rejects_a_broken_softnet_stat_and_keeps_the_old_values(string text, SourceError error, int offset)
    {
        var counts = new SoftnetCounts { Dropped = 77 };
        var outcome = SoftnetStat.Parse(Encoding.ASCII.GetBytes(text), ref counts);
        (outcome.Kind, outcome.Offset).ShouldBe((error, offset));
        counts.ShouldBe(new SoftnetCounts { Dropped = 77 });
    }

    [Fact]
    public void Every_prefix_of_softnet_stat_parses_or_fails()
    {
        var text = "001bd850 00000002 00000003 00000000\n002126fb 00000010 00000001 00000000\n"u8;
        for (var length = 0; length < text.Length; length++)
        {
            var counts = default(SoftnetCounts);
            var isWhole = length > 0 && text[length - 1] == '\n';
            SoftnetStat.Parse(text[..length], ref counts).IsNone.ShouldBe(isWhole, $"{length} bytes");
        }
    }
}
