using Shouldly;
using TcpStatExporter.Commands;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;
using static TcpStatExporter.Tests.Support.Listeners;

namespace TcpStatExporter.Tests.Commands;

public sealed class ProbeCommandTests
{
    [Theory]
    [InlineData(0, true, "Port 80: accept queue 0 of 128, 0 % full, within 80 %.", "up 100%")]
    [InlineData(51, true, "Port 80: accept queue 51 of 128, 39.8 % full, within 80 %.", "up 50%")]
    [InlineData(102, true, "Port 80: accept queue 102 of 128, 79.7 % full, within 80 %.", "up 1%")]
    [InlineData(103, false, "Port 80: accept queue 103 of 128, 80.5 % full, above 80 %.", "down #accept queue 103 of 128, 80.5 % full")]
    [InlineData(129, false, "Port 80: accept queue 129 of 128, 100.8 % full, above 80 %.", "down #accept queue 129 of 128, 100.8 % full")]
    public void The_fullest_listener_of_the_port_counts(int length, bool isWell, string line, string haproxy)
    {
        var sample = Sample((80, 0), (80, length), (81, 200));
        ProbeCommand.Judge(sample, Options(isForHaproxy: false)).ShouldBe((isWell, line));
        ProbeCommand.Judge(sample, Options(isForHaproxy: true)).ShouldBe((isWell, haproxy));
    }

    [Fact]
    public void No_listener_is_unhealthy()
    {
        ProbeCommand.Judge(Sample((81, 0)), Options(isForHaproxy: false)).ShouldBe((false, "Nothing listens on port 80."));
        ProbeCommand.Judge(Sample(), Options(isForHaproxy: true)).ShouldBe((false, "down #nothing listens on port 80"));
    }

    [Fact]
    public void Unreadable_listeners_are_unhealthy()
    {
        var sample = Sample((80, 0));
        sample.Kernel[SourceId.Listeners] = ReadResult.Failed(SourceError.Internal);
        ProbeCommand.Judge(sample, Options(isForHaproxy: false)).ShouldBe((false, "The listeners cannot be read."));
    }

    [Theory]
    [InlineData(0.5, 1000, "Port 80: accept queue 1 of 128, 0.8 % full, within 80 %.", "up 99%")]
    [InlineData(1.5, 1000, "Port 80: the oldest connection has waited 1.5 s, above 1.0 s.", "down #the oldest connection has waited 1.5 s")]
    [InlineData(0.3, 250, "Port 80: the oldest connection has waited 300 ms, above 250 ms.", "down #the oldest connection has waited 300 ms")]
    public void The_longest_wait_counts(double seconds, int limit, string line, string haproxy)
    {
        var sample = Sample((80, 1), (80, 0), (81, 1));
        sample.Listeners[0].HasWaits = true;
        sample.Listeners[0].OldestSeconds = seconds;
        sample.Listeners[2].HasWaits = true;
        sample.Listeners[2].OldestSeconds = 100;
        foreach (var isForHaproxy in (bool[])[false, true])
        {
            var (isWell, told) = ProbeCommand.Judge(sample, Options(isForHaproxy) with { MaxWait = TimeSpan.FromMilliseconds(limit) });
            isWell.ShouldBe(seconds * 1000 <= limit);
            told.ShouldBe(isForHaproxy ? haproxy : line);
        }

        ProbeCommand.Judge(sample, Options(isForHaproxy: false)).IsWell.ShouldBeTrue("nobody asked for the wait");
    }

    private static ProbeOptions Options(bool isForHaproxy) => new() { Port = 80, MaxFill = 0.8, MaxWait = null, IsForHaproxy = isForHaproxy };

    private static NamespaceSample Sample(params (ushort Port, int Length)[] listeners)
    {
        var sample = new NamespaceSample();
        sample.Kernel[SourceId.Listeners] = ReadResult.Ok;
        foreach (var (port, length) in listeners)
        {
            sample.Listeners.Add(new ListenerSample
            {
                Identity = new ListenerIdentity(Ip("10.0.0.1"), port, ""),
                QueueLength = length,
                QueueLimit = 128,
                FillRatio = length / 128d,
                HasLimit = true,
            });
        }

        return sample;
    }
}
