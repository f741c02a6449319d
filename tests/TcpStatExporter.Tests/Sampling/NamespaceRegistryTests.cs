using Shouldly;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class NamespaceRegistryTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Each_namespace_is_sampled_at_its_own_interval()
    {
        using var registry = Registry(out var stores);
        for (var i = 0; i < 12; i++)
        {
            foreach (var one in registry.All)
            {
                one.RunDue();
            }

            _time.Advance(TimeSpan.FromSeconds(0.25));
        }

        stores.Select(store => store.Read().Samples).ShouldBe([3UL, 2UL]);
        registry.All[0].RunDue().ShouldBe(Second);
        registry.All[1].RunDue().ShouldBe(Second);
    }

    [Fact]
    public void A_namespace_with_failed_sources_does_not_affect_the_others()
    {
        using var registry = Registry(out var stores, source => source.OnRead = _ => throw new InvalidOperationException("oops"));
        foreach (var one in registry.All)
        {
            one.RunDue();
        }

        stores[0].Age(_time).ShouldBe(TimeSpan.Zero);
        stores[1].Age(_time).ShouldBeNull();
        stores[1].Read().Samples.ShouldBe(1UL);
    }

    [Fact]
    public void A_listener_knows_its_namespace()
    {
        var table = Listeners.Table(netns: "blue");
        var (sampler, store) = FakeHost.Sampler(FakeHost.Sources(), _time, table);
        using (sampler)
        {
            sampler.Sample();
            store.Read().Listeners[0].Identity.Netns.ShouldBe("blue");
        }
    }

    /// <summary>The host's own each second, and another each two.</summary>
    private NamespaceRegistry Registry(out SampleStore[] stores, Action<FakeSource>? change = null)
    {
        var (host, hostStore) = FakeHost.Sampler(FakeHost.Sources(), _time);
        var sources = FakeHost.Sources();
        if (change is not null)
        {
            Array.ForEach(sources, change);
        }

        var (blue, blueStore) = FakeHost.Sampler(sources, _time);
        stores = [hostStore, blueStore];
        return new NamespaceRegistry(
            FakeHost.Namespace(host, hostStore, _time, Second, Second), FakeHost.Namespace(blue, blueStore, _time, 2 * Second, 2 * Second, "blue"));
    }
}
