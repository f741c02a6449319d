using Shouldly;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Model;

public sealed class TcpStateCountsTests
{
    [Fact]
    public void Every_number_that_a_kernel_may_report_is_counted_once()
    {
        var counts = default(TcpStateCounts);
        for (var state = 0; state < 256; state++)
        {
            counts.Add((TcpState)state);
        }

        counts.Total.ShouldBe(256);
        counts[TcpState.SynRecv].ShouldBe(2);
        counts.Unknown.ShouldBe(256 - 12);
        foreach (var state in Enum.GetValues<TcpState>().Where(state => state is > TcpState.None and <= TcpState.Closing and not TcpState.SynRecv))
        {
            counts[state].ShouldBe(1);
        }
    }
}
