using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;
using static TcpStatExporter.Tests.Support.Listeners;

namespace TcpStatExporter.Tests.Sampling;

public sealed class ListenerLifecycleTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ListenerTable _table = Table(isFirstLook: true);
    private int _look;

    [Fact]
    public void A_listener_that_existed_before_has_no_opening()
    {
        Look(Socket("::", 80, cookie: 1));
        Row().ShouldBe((0UL, 1000L));
        Look(Socket("::", 80, cookie: 1), Socket("::", 81, cookie: 2));
        _table.Rows().Select(row => (row.Openings, row.OpenedUnixMilliseconds)).ShouldBe([(0UL, 1000L), (1UL, 2000L)]);
    }

    [Fact]
    public void A_restart_between_two_reads_is_an_opening()
    {
        Look(Socket("::", 80, cookie: 1), Socket("::", 80, cookie: 2));
        Look(Socket("::", 80, cookie: 3), Socket("::", 80, cookie: 4));
        Row().ShouldBe((1UL, 2000L));
    }

    [Fact]
    public void Workers_that_come_and_go_are_not_an_opening()
    {
        Look(Socket("::", 80, cookie: 1), Socket("::", 80, cookie: 2));
        Look(Socket("::", 80, cookie: 2), Socket("::", 80, cookie: 3));
        Look(Socket("::", 80, cookie: 3), Socket("::", 80, cookie: 4));
        Row().ShouldBe((0UL, 1000L));
    }

    [Fact]
    public void A_listener_skipped_by_a_dump_was_not_away()
    {
        Look(Socket("::", 80, cookie: 1));
        Look();
        Closed().ShouldBeEmpty();
        Look(Socket("::", 80, cookie: 1));
        Row().ShouldBe((0UL, 1000L));
    }

    [Fact]
    public void A_listener_that_comes_back_opens_again_and_is_no_longer_closed()
    {
        Look(Socket("::", 80, cookie: 1));
        Look();
        Look();
        Look();
        Closed().ShouldBe([(80, 2000L)]);
        Look(Socket("::", 80, cookie: 1));
        Row().ShouldBe((1UL, 5000L));
        Closed().ShouldBeEmpty();
    }

    [Fact]
    public void A_closed_listener_is_reported_for_an_hour()
    {
        Look(Socket("::", 80, cookie: 1));
        Look();
        _look = 3600;
        Look();
        Closed().ShouldBe([(80, 2000L)]);
        Look();
        Closed().ShouldBeEmpty();
    }

    private void Look(params ListenerSocket[] sockets)
    {
        _look++;
        _table.Observe(sockets, Second * _look, _look * 1000L);
    }

    private (ulong Openings, long Opened) Row() => _table.Rows().ShouldHaveSingleItem() is var row ? (row.Openings, row.OpenedUnixMilliseconds) : default;

    private (int Port, long At)[] Closed()
    {
        var closed = new ValueList<ClosedListener>();
        _table.CopyClosedTo(closed);
        return [.. closed.Span.ToArray().Select(listener => ((int)listener.Last.Identity.Port, listener.ClosedUnixMilliseconds))];
    }
}
