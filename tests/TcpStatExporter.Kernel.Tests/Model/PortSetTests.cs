using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Model;

public sealed class PortSetTests
{
    [Fact]
    public void Counts_like_a_plain_set() => Prop.ForAll<ushort[], ushort, ushort>((ports, low, high) =>
    {
        var set = new PortSet();
        Array.ForEach(ports, set.Add);
        set.Count.ShouldBe(ports.Distinct().Count());
        set.CountBetween(low, high).ShouldBe(ports.Distinct().Count(port => port >= low && port <= high));
        set.Contains(low).ShouldBe(ports.Contains(low));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 63, 64)]
    [InlineData(63, 64, 2)]
    [InlineData(64, 127, 64)]
    [InlineData(0, 65535, 65536)]
    [InlineData(65535, 65535, 1)]
    [InlineData(1, 0, 0)]
    public void Counts_both_ends(ushort low, ushort high, int expected)
    {
        var full = new PortSet();
        for (var port = 0; port <= ushort.MaxValue; port++)
        {
            full.Add((ushort)port);
        }

        full.CountBetween(low, high).ShouldBe(expected);
    }

    [Fact]
    public void Copies_and_forgets()
    {
        var set = new PortSet();
        set.Add(7);
        var copy = new PortSet();
        copy.Add(8);
        set.CopyTo(copy);
        set.Clear();
        set.Count.ShouldBe(0);
        copy.Count.ShouldBe(1);
        copy.Contains(7).ShouldBeTrue();
    }
}
