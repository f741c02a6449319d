using Shouldly;
using TcpStatExporter.Commands;
using Xunit;

namespace TcpStatExporter.Tests.Commands;

public sealed class FileBudgetTests
{
    [Theory]
    [InlineData(40, 4096, true, 256)]
    [InlineData(40, 1024, true, 164)]
    [InlineData(40, 240, true, 8)]
    [InlineData(40, 239, false, 8)]
    [InlineData(40, 20, false, 8)]
    [InlineData(40, ulong.MaxValue, true, 256)]
    public void Connections_use_what_the_rest_does_not_need(ulong open, ulong limit, bool isEnough, int connections)
    {
        var budget = new FileBudget(open, limit);

        budget.IsEnough.ShouldBe(isEnough);
        budget.Needed.ShouldBe(240UL);
        budget.Connections(256).ShouldBe(connections);
    }

    [Fact]
    public void Knows_what_this_process_may_open()
    {
        var budget = FileBudget.OfThisProcess()!.Value;

        budget.Open.ShouldBeInRange(3UL, budget.Limit);
    }
}
