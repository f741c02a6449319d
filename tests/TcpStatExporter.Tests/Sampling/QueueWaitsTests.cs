using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

/// <summary>Follows the connections of one accept queue.</summary>
public sealed class QueueWaitsTests
{
    private const int All = 1000;

    private readonly Kernel _kernel = new();
    private readonly QueueWaits _waits = new(TimeSpan.FromMinutes(1));
    private TimeSpan _now = TimeSpan.FromSeconds(100);

    [Fact]
    public void The_oldest_counts_whatever_the_order_of_the_dump()
    {
        Queue((1, 300), (2, 1500), (3, 700));
        Dump();
        _waits.Oldest.ShouldBe(1.5);
        _waits.MemoryBytes.ShouldBe(3 * 512UL);
        Counted().ShouldBe((1, 1.5));
    }

    [Fact]
    public void After_an_accept_the_next_one_is_the_oldest_without_a_dump()
    {
        Queue((1, 300), (2, 1500), (3, 700));
        Dump();
        _kernel.Accept(2);
        _now += TimeSpan.FromSeconds(1);
        _waits.BeginLook(2);
        _waits.TryOldest(_kernel, _now, out var age).ShouldBeTrue();
        age.ShouldBe(TimeSpan.FromSeconds(1.7));

        // a connection that is gone has left the queue too
        _kernel.Forget(3);
        _waits.TryOldest(_kernel, _now, out age).ShouldBeTrue();
        age.ShouldBe(TimeSpan.FromSeconds(1.3));
        _kernel.Accept(1);
        _waits.TryOldest(_kernel, _now, out _).ShouldBeFalse("all that were known are out: it takes a dump");
    }

    [Fact]
    public void A_connection_that_its_client_closed_is_still_in_the_queue()
    {
        Queue((1, 300), (2, 1500));
        _kernel.Close(2);
        Dump();
        _waits.Oldest.ShouldBe(1.5);
    }

    [Fact]
    public void An_age_that_cannot_be_measured_any_more_is_kept_for_half_a_minute_only()
    {
        Queue((1, 300));
        Dump();
        var first = _now;
        _kernel.Accept(1);
        _waits.BeginLook(1);
        _waits.Miss(first + TimeSpan.FromSeconds(30));
        _waits.Oldest.ShouldBe(0.3);
        _waits.BeginLook(1);
        _waits.Miss(first + TimeSpan.FromSeconds(31));
        _waits.Oldest.ShouldBe(double.NaN);
        _waits.Peak.ShouldBe(0.3);
    }

    [Fact]
    public void A_queue_that_is_gone_is_forgotten()
    {
        Queue((1, 300));
        Dump();
        _waits.Forget();
        (_waits.Oldest, _waits.Length, _waits.MemoryBytes).ShouldBe((double.NaN, 0, 0ul));
        _waits.TryOldest(_kernel, _now, out _).ShouldBeFalse();
        Counted().ShouldBe((1, 0.3), "what was counted stays");
    }

    [Fact]
    public void At_most_the_maximum_is_followed_and_the_memory_includes_all()
    {
        Queue([.. Enumerable.Range(1, 50).Select(i => ((ulong)i, i * 10))]);
        Dump(max: 16);
        _waits.Oldest.ShouldBe(0.16, "the first 16 of the dump");
        _waits.MemoryBytes.ShouldBe(50 * 512UL);
    }

    [Fact]
    public void A_queue_that_emptied_before_the_dump_counts_as_almost_no_wait()
    {
        _waits.BeginLook(1);
        Dump();
        _waits.Oldest.ShouldBe(0);
        _waits.Rowless.ShouldBe(0);
        Counted().ShouldBe((1, 0.0));
    }

    [Fact]
    public void A_queue_without_rows_in_any_dump_is_unknown_until_it_changes()
    {
        for (var dump = 1; dump <= 8; dump++)
        {
            _waits.Rowless.ShouldBe(0);
            _waits.BeginLook(5);
            Dump();
        }

        _waits.Rowless.ShouldBe(5);
        _waits.Oldest.ShouldBe(double.NaN);
        _waits.BeginLook(5);
        _waits.Miss(_now);
        _waits.Oldest.ShouldBe(double.NaN);
        _waits.BeginLook(6);
        _waits.Rowless.ShouldBe(0, "it has changed");
        Queue((1, 400));
        Dump();
        _waits.Oldest.ShouldBe(0.4);
    }

    [Fact]
    public void An_unknown_age_keeps_the_last_value()
    {
        Queue((1, 2000));
        Dump();
        _waits.BeginLook(1);
        _waits.Miss(_now);
        _waits.Oldest.ShouldBe(2);
        Counted().ShouldBe((1, 2.0));
    }

    [Fact]
    public void The_peak_outlives_the_queue_by_its_window()
    {
        Queue((1, 2000));
        Dump();
        _now += TimeSpan.FromSeconds(30);
        _waits.BeginLook(0);
        _waits.Observe(_now, 0, isCounted: true);
        (_waits.Oldest, _waits.Peak, _waits.MemoryBytes).ShouldBe((0, 2, 0UL));
        _now += TimeSpan.FromSeconds(40);
        _waits.Observe(_now, 0, isCounted: true);
        _waits.Peak.ShouldBe(0);
    }

    private void Queue(params (ulong Cookie, int Milliseconds)[] connections)
    {
        foreach (var (cookie, milliseconds) in connections)
        {
            _kernel.Add(cookie, (uint)milliseconds);
        }

        _waits.BeginLook(connections.Length);
    }

    private void Dump(int max = All)
    {
        _waits.Begin();
        foreach (var socket in _kernel.Sockets)
        {
            _waits.Add(socket, max);
        }

        _waits.End(_kernel, () => _now);
    }

    private (int Count, double Sum) Counted()
    {
        var count = 0;
        foreach (var one in _waits.Seconds.Counts(QueueWaits.SecondsBounds))
        {
            count += (int)one;
        }

        return (count, _waits.Seconds.Sum);
    }

    /// <summary>Connections in the format of a kernel.</summary>
    private sealed class Kernel : IConnectionLookup
    {
        private readonly Dictionary<ulong, TcpSocket> _sockets = [];

        public IEnumerable<TcpSocket> Sockets => _sockets.Values.Where(socket => socket.Inode == 0);

        public void Add(ulong cookie, uint age) =>
            _sockets[cookie] = new TcpSocket { Cookie = cookie, State = TcpState.Established, SinceDataSent = age, HasInfo = true, ReceiveMemory = 512 };

        public void Accept(ulong cookie) => _sockets[cookie] = _sockets[cookie] with { Inode = 99 };

        public void Close(ulong cookie) => _sockets[cookie] = _sockets[cookie] with { State = TcpState.CloseWait };

        public void Forget(ulong cookie) => _sockets.Remove(cookie);

        public bool TryFind(in TcpSocketId id, out TcpSocket socket) => _sockets.TryGetValue(id.Cookie, out socket);
    }
}
