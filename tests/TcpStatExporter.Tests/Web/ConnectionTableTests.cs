using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Shouldly;
using TcpStatExporter.Tests.Support;
using TcpStatExporter.Web;
using Xunit;

namespace TcpStatExporter.Tests.Web;

public sealed class ConnectionTableTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ConnectionTable _table;

    public ConnectionTableTests() => _table = new ConnectionTable(4, _time);

    [Fact]
    public void The_peer_with_the_most_connections_loses_its_longest_idle_one()
    {
        var scraper = Connect("192.0.2.1");
        var held = Enumerable.Range(0, 3).Select(_ => Connect("192.0.2.66")).ToArray();
        held.ShouldAllBe(connection => !connection.IsAborted);

        var second = Connect("192.0.2.2");
        held.Select(connection => connection.IsAborted).ShouldBe([true, false, false]);
        var again = Connect("192.0.2.66");
        held.Select(connection => connection.IsAborted).ShouldBe([true, true, false]);
        (scraper.IsAborted, second.IsAborted, again.IsAborted).ShouldBe((false, false, false), "the oldest, but of one that holds least");
        _table.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Busy_connections_are_closed_last_and_a_request_resets_the_idle_time()
    {
        var held = Enumerable.Range(0, 4).Select(_ => Connect("192.0.2.66")).ToArray();
        var request = new TaskCompletionSource();
        var underWay = held[0].Request(request.Task);
        _time.Advance(TimeSpan.FromSeconds(1));
        await held[1].Request(Task.CompletedTask);

        Connect("192.0.2.66");
        held.Select(connection => connection.IsAborted).ShouldBe([false, false, true, false]);
        Connect("192.0.2.66");
        held.Select(connection => connection.IsAborted).ShouldBe([false, false, true, true]);
        Connect("192.0.2.66");
        held.Select(connection => connection.IsAborted).ShouldBe([false, true, true, true]);
        request.SetResult();
        await underWay;
    }

    [Fact]
    public void If_all_are_busy_a_small_peer_is_admitted_but_a_greedy_one_is_not()
    {
        var never = new TaskCompletionSource().Task;
        var held = Enumerable.Range(0, 4).Select(_ => Connect("192.0.2.66")).ToArray();
        foreach (var connection in held)
        {
            _ = connection.Request(never);
        }

        Connect("192.0.2.66").IsAborted.ShouldBeTrue();
        held.ShouldAllBe(connection => !connection.IsAborted);
        var scraper = Connect("192.0.2.1");
        scraper.IsAborted.ShouldBeFalse();
        held.Select(connection => connection.IsAborted).ShouldBe([true, false, false, false]);
    }

    [Fact]
    public void A_storm_faster_than_its_connections_close_is_not_admitted()
    {
        var storm = Enumerable.Range(0, 100).Select(_ => Connect("192.0.2.66")).ToArray();
        storm.Count(connection => connection.WasServed).ShouldBe(16);
        var scraper = Connect("192.0.2.1");
        (scraper.WasServed, scraper.IsAborted).ShouldBe((true, false));
        foreach (var connection in storm)
        {
            connection.Leave();
        }

        Connect("192.0.2.66").WasServed.ShouldBeTrue();
    }

    [Fact]
    public void A_scraper_whose_last_connection_has_not_ended_yet_is_still_admitted()
    {
        var table = new ConnectionTable(64, _time);
        var storm = Enumerable.Range(0, 300).Select(_ => new Connection(table, "192.0.2.66")).ToArray();
        storm.Count(connection => connection.WasServed).ShouldBe(256);

        var scrapes = Enumerable.Range(0, 3).Select(_ => new Connection(table, "192.0.2.1")).ToArray();

        scrapes.Select(connection => connection.WasServed).ShouldBe([true, true, false]);
    }

    [Fact]
    public void Closed_connections_make_room()
    {
        var held = Enumerable.Range(0, 4).Select(_ => Connect("192.0.2.66")).ToArray();
        held[0].Leave();
        _table.Count.ShouldBe(3);
        Connect("192.0.2.1");
        held.ShouldAllBe(connection => !connection.IsAborted);
        foreach (var connection in held)
        {
            connection.Leave();
        }

        _table.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void A_peer_is_an_IPv4_address_or_an_IPv6_slash_64(string one, string other, bool same) =>
        Peer.Of(IPAddress.Parse(one)).Equals(Peer.Of(IPAddress.Parse(other))).ShouldBe(same);

    private Connection Connect(string peer)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return new Connection(_table, peer);
    }

    private sealed class Connection : DefaultConnectionContext
    {
        private readonly TaskCompletionSource _end = new();

        public Connection(ConnectionTable table, string peer)
        {
            RemoteEndPoint = new IPEndPoint(IPAddress.Parse(peer), 1);
            _ = table.Admit(Serve)(this);
        }

        public bool WasServed { get; private set; }

        public bool IsAborted { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => IsAborted = true;

        private Task Serve(ConnectionContext connection)
        {
            WasServed = true;
            return _end.Task;
        }

        public void Leave() => _end.TrySetResult();

        public Task Request(Task answer) => ConnectionTable.Busy(_ => answer)(new DefaultHttpContext(Features));
    }
}
