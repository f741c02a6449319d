using Shouldly;
using Xunit;

namespace TcpStatExporter.Exposition.Tests;

public sealed class ExpositionBufferTests
{
    [Fact]
    public void It_grows_keeps_what_was_written_and_keeps_its_memory()
    {
        var buffer = new ExpositionBuffer();
        for (var i = 0; i < 100_000; i++)
        {
            buffer.Reserve(1)[0] = (byte)i;
            buffer.Advance(1);
        }

        buffer.Length.ShouldBe(100_000);
        buffer.WrittenMemory.Span.SequenceEqual(buffer.WrittenSpan).ShouldBeTrue();
        for (var i = 0; i < 100_000; i++)
        {
            buffer.WrittenSpan[i].ShouldBe((byte)i);
        }

        var capacity = buffer.Capacity;
        capacity.ShouldBeLessThanOrEqualTo(2 * 100_000);
        buffer.Clear();
        buffer.Length.ShouldBe(0);
        buffer.Capacity.ShouldBe(capacity);
    }

    [Fact]
    public void One_reservation_may_be_larger_than_twice_the_capacity()
    {
        var buffer = new ExpositionBuffer();
        buffer.Reserve(1_000_000).Length.ShouldBeGreaterThanOrEqualTo(1_000_000);
    }

    [Fact]
    public void Trimming_ends_at_twice_to_four_times_what_a_page_needs_and_stays_there()
    {
        var buffer = new ExpositionBuffer();
        var least = buffer.Capacity;
        buffer.Reserve(1_000_000);
        buffer.Advance(1_000_000);
        buffer.Trim();
        buffer.Capacity.ShouldBeGreaterThanOrEqualTo(1_000_000);

        for (var page = 0; page < 20; page++)
        {
            buffer.Clear();
            buffer.Reserve(10_000)[0] = (byte)page;
            buffer.Advance(10_000);
            buffer.Trim();
            buffer.WrittenSpan[0].ShouldBe((byte)page);
        }

        buffer.Capacity.ShouldBeInRange(20_000, 40_000);
        for (var page = 0; page < 20; page++)
        {
            buffer.Clear();
            buffer.Trim();
        }

        buffer.Capacity.ShouldBe(least);
    }
}
