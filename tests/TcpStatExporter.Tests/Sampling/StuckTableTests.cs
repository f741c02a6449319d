using Shouldly;
using TcpStatExporter.Commands;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;
using static TcpStatExporter.Tests.Support.Listeners;

namespace TcpStatExporter.Tests.Sampling;

public sealed class StuckTableTests
{
    private readonly StuckTable _table = Stuck();
    private readonly NamespaceSample _sample = new();
    private TimeSpan _now = TimeSpan.FromHours(1);

    public StuckTableTests() => _sample.Kernel[SourceId.Sockets] = ReadResult.Ok;

    [Fact]
    public void Time_in_SYN_SENT_is_the_mean_of_two_counts_times_the_time_between_them()
    {
        Tick(synSent: 100).ShouldBe(0, "nothing is known of the time before");
        Tick(synSent: 4, after: 1).ShouldBe(52);
        Tick(synSent: 4, after: 0.5).ShouldBe(54);
        Tick(synSent: 0, after: 0.25).ShouldBe(54.5);
        Tick(synSent: 0, after: 60).ShouldBe(54.5);
    }

    [Fact]
    public void Ticks_that_were_missed_are_bridged()
    {
        Tick(synSent: 2);
        Tick(synSent: 2, after: 5).ShouldBe(10);
    }

    [Fact]
    public void Ticks_that_did_not_count_the_sockets_are_not_observations()
    {
        Tick(synSent: 100);
        _sample.Kernel.AreStatesOld = true;
        Tick(synSent: 100, after: 1).ShouldBe(0);
        Tick(synSent: 100, after: 1).ShouldBe(0);
        _sample.Kernel.AreStatesOld = false;
        Tick(synSent: 0, after: 1).ShouldBe(150, "three seconds, from 100 down to none");
    }

    /// <summary>A pod is gone for half an hour: nobody publishes a sample of it meanwhile.</summary>
    [Fact]
    public void Time_that_nobody_counted_is_not_bridged()
    {
        Tick(synSent: 10);
        _table.Miss();
        Tick(synSent: 10, after: 1800).ShouldBe(0);
        Tick(synSent: 10, after: 1).ShouldBe(10);
    }

    [Fact]
    public void A_destination_of_one_count_is_not_named_however_long_ago()
    {
        _sample.Kernel.SynSent.Add(new EndpointCount { Address = Ip("10.0.0.2"), Port = 1, CgroupId = 7, Count = 1 });
        Tick(synSent: 0);
        Tick(synSent: 1, after: 1);
        _sample.Kernel.AreStatesOld = true;
        for (var second = 0; second < 10; second++)
        {
            Tick(synSent: 1, after: 1);
        }

        _sample.SynSentDestinations.Count.ShouldBe(0);
        _sample.Kernel.AreStatesOld = false;
        Tick(synSent: 1, after: 1);
        _sample.SynSentDestinations.Count.ShouldBe(1);
    }

    [Fact]
    public void Time_without_readable_sockets_adds_and_removes_nothing()
    {
        Tick(synSent: 2);
        Tick(synSent: 2, after: 1).ShouldBe(2);
        _sample.Kernel[SourceId.Sockets] = ReadResult.Failed(SourceError.NoBuffers);
        Tick(synSent: 2, after: 1).ShouldBe(2);
        _sample.Kernel[SourceId.Sockets] = ReadResult.Ok;
        Tick(synSent: 2, after: 1).ShouldBe(2);
        Tick(synSent: 2, after: 1).ShouldBe(4);
    }

    /// <summary>A client that gives up after half a second, ten times a second: Little's law, whenever the samples are taken.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_mean_time_matches_the_connects(int seed)
    {
        var random = new Random(seed);
        const double Stay = 0.5;
        const double Every = 0.1;
        const double Minutes = 5 * 60;
        double seconds = 0;
        for (double t = 1; t < Minutes; t += 1)
        {
            var at = t + (random.NextDouble() * 0.2);
            seconds = Tick(Enumerable.Range(0, (int)(Minutes / Every)).Count(i => i * Every <= at && at < (i * Every) + Stay), at: at);
        }

        (seconds / (Minutes / Every)).ShouldBe(Stay, 0.02);
    }

    [Fact]
    public void At_most_five_destinations_and_ten_holders_are_named()
    {
        for (var i = 0; i < 20; i++)
        {
            _sample.Kernel.SynSent.Add(new EndpointCount { Address = Ip("10.0.0.2"), Port = (ushort)(1 + i), CgroupId = 7, Count = 1 + i });
            _sample.Kernel.CloseWait.Add(new EndpointCount { CgroupId = (ulong)(1 + i), Count = 1 + i });
        }

        for (var second = 0; second < 4; second++)
        {
            Tick(synSent: 0, after: 1);
        }

        _sample.SynSentDestinations.Span.ToArray().Select(row => row.Connections).ShouldBe([20, 19, 18, 17, 16]);
        _sample.CloseWaitHolders.Span.ToArray().Select(row => row.Connections).ShouldBe([20, 19, 18, 17, 16, 15, 14, 13, 12, 11]);
    }

    /// <summary>From the bytes of a kernel, and of the files of a captured host, to what is named.</summary>
    [Theory]
    [InlineData("netlink", 1, "127.0.0.1:34935")]
    [InlineData("procfs", 2, "127.0.0.1:5001", "[::1]:5002")]
    public async Task Names_what_a_captured_host_waits_for(string source, int count, params string[] destinations)
    {
        var host = source == "netlink" ? Fixture.Idle : Fixture.TenStates;
        var options = await Arguments.Options($"--source={source}", $"--path.procfs={Fixture.Path(host)}/proc");
        var time = new ManualTimeProvider();
        using var sampling = SamplingSetup.Create(
            options, time, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, source == "netlink" ? RecordedKernel.Open : null);
        for (var second = 0; second < 4; second++)
        {
            sampling.Sampler.Sample().ShouldBeTrue();
            time.Advance(TimeSpan.FromSeconds(1));
        }

        var sample = sampling.Store.Read();
        sample.SynSentSeconds.ShouldBe(3 * count);
        sample.SynSentDestinations.Span.ToArray().Select(row => row.Identity.Destination).ShouldBe(destinations, ignoreOrder: true);
        sample.CloseWaitHolders.Span.ToArray().Select(row => (row.Identity.Destination, row.Connections)).ShouldBe([("", source == "netlink" ? 1 : 6)]);
    }

    private double Tick(int synSent, double after = 0, double? at = null)
    {
        _now = at is { } time ? TimeSpan.FromSeconds(time) : _now + TimeSpan.FromSeconds(after);
        _sample.Kernel.States[TcpState.SynSent] = synSent;
        _table.Observe(_sample, _now);
        return _sample.SynSentSeconds;
    }
}
