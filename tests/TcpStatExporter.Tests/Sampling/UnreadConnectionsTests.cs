using Shouldly;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class UnreadConnectionsTests
{
    private readonly UnreadConnections _unread = new();

    [Fact]
    public void Reports_what_was_also_unread_at_the_last_sweep()
    {
        Sweep(1, 2, 3).ShouldBeEmpty();
        Sweep(2, 3, 4).ShouldBe([2, 3]);
        Sweep(1).ShouldBeEmpty("it was read in between");
        Sweep().ShouldBeEmpty();
    }

    [Fact]
    public void Above_its_capacity_it_reports_fewer_and_uses_no_more_memory()
    {
        var count = 0;
        Run();
        Run();
        count.ShouldBe(UnreadConnections.Capacity);
        Allocated.By(Run).ShouldBe(0);

        void Run()
        {
            count = 0;
            _unread.Reset();
            for (ulong id = 1; id <= 2 * UnreadConnections.Capacity; id++)
            {
                count += _unread.Add(id) ? 1 : 0;
            }

            _unread.End();
        }
    }

    private ulong[] Sweep(params ulong[] ids)
    {
        _unread.Reset();
        var told = ids.Where(_unread.Add).ToArray();
        _unread.End();
        return told;
    }
}
