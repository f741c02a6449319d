using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling.SockDiag;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class CounterJumpsTests : IDisposable
{
    private readonly Dictionary<string, ulong> _values = new(StringComparer.Ordinal)
    {
        ["DelayedACKs"] = 1_000_000,
        ["TCPSynRetrans"] = 5,
        ["SyncookiesSent"] = 0,
        ["TCPReqQFullDrop"] = 0,
        ["TCPHPHits"] = 0,
    };

    private readonly FakeSource _source;
    private readonly CounterJumps _jumps;
    private double _now = 3600;

    public CounterJumpsTests()
    {
        _source = new FakeSource(SourceId.Netstat, Read);
        _jumps = new CounterJumps(_source);
    }

    public void Dispose()
    {
        _jumps.Dispose();
        _source.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    public void What_was_counted_before_the_first_read_is_not_a_jump() => Tick().ShouldBeFalse();

    [Theory]
    [InlineData("DelayedACKs", 64, true)]
    [InlineData("TCPSynRetrans", 64, true)]
    [InlineData("SyncookiesSent", 64, true)]
    [InlineData("TCPReqQFullDrop", 64, true)]
    [InlineData("DelayedACKs", 63, false)]
    [InlineData("TCPHPHits", 100_000, false)]
    public void A_burst_is_a_jump(string counter, int by, bool jumps)
    {
        Tick();
        Tick().ShouldBeFalse();
        _values[counter] += (ulong)by;
        Tick().ShouldBe(jumps);
        Tick().ShouldBeFalse("it is over");
    }

    [Fact]
    public void The_usual_rate_is_not_a_jump_but_more_than_twice_as_much_is()
    {
        Tick();
        for (var i = 0; i < 100; i++)
        {
            _values["DelayedACKs"] += 1000;
            Tick();
        }

        _values["DelayedACKs"] += 2000;
        Tick().ShouldBeFalse();
        _values["DelayedACKs"] += 2300;
        Tick().ShouldBeTrue();
    }

    [Fact]
    public void An_ongoing_flood_becomes_usual()
    {
        Tick();
        Tick();
        var jumps = 0;
        for (var i = 0; i < 60; i++)
        {
            _values["SyncookiesSent"] += 10_000;
            jumps += Tick() ? 1 : 0;
        }

        jumps.ShouldBeInRange(1, 15);
    }

    [Fact]
    public void Skipped_ticks_are_not_a_jump()
    {
        Tick();
        for (var i = 0; i < 100; i++)
        {
            _values["DelayedACKs"] += 1000;
            Tick();
        }

        _values["DelayedACKs"] += 60_000;
        Tick(after: 60).ShouldBeFalse();
    }

    [Fact]
    public void A_counter_that_could_not_be_read_or_decreased_is_not_a_jump()
    {
        Tick();
        _source.OnRead = _ => ReadResult.Failed(SourceError.Io);
        Tick().ShouldBeFalse();
        _source.OnRead = Read;
        _values["DelayedACKs"] += 1_000_000;
        Tick().ShouldBeFalse("nobody knows when");
        _values["DelayedACKs"] = 0;
        Tick().ShouldBeFalse();
    }

    private ReadResult Read(TcpSnapshot snapshot)
    {
        if (snapshot.Netstat.Names.Length == 0)
        {
            snapshot.Netstat.SetNames([.. _values.Keys]);
        }

        foreach (var (name, value) in _values)
        {
            snapshot.Netstat.Values[snapshot.Netstat.IndexOf(name)] = value;
        }

        return ReadResult.Ok;
    }

    private bool Tick(double after = 1)
    {
        _now += after;
        return _jumps.Jumped(TimeSpan.FromSeconds(_now));
    }
}
