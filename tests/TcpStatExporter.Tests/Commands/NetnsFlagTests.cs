using Shouldly;
using TcpStatExporter.Commands;
using TcpStatExporter.Namespaces;
using Xunit;

namespace TcpStatExporter.Tests.Commands;

/// <summary>Flags of other network namespaces.</summary>
public sealed class NetnsFlagTests
{
    [Fact]
    public async Task The_daemon_looks_for_containers_by_default()
    {
        var netns = await Parse();
        netns.Mode.ShouldBe(NetnsMode.Auto);
        netns.Interval.ShouldBe(TimeSpan.FromSeconds(15));
        netns.Max.ShouldBe(20);
        netns.Series.ShouldBe(NetnsSeriesChoice.Trouble);
        netns.LogFolder.ShouldBe("/var/log");
        netns.Hold.ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Each_flag_is_taken()
    {
        var netns = await Parse(
            "--netns=counters", "--netns.interval=30s", "--netns.max=7", "--netns.series=all", "--netns.include=shop/*", "--netns.exclude=shop/db-*", "--path.pod-logs=/srv", "--peak.window=2m");
        netns.Mode.ShouldBe(NetnsMode.Counters);
        netns.Interval.ShouldBe(TimeSpan.FromSeconds(30));
        netns.Max.ShouldBe(7);
        netns.Series.ShouldBe(NetnsSeriesChoice.All);
        netns.LogFolder.ShouldBe("/srv");
        netns.Hold.ShouldBe(TimeSpan.FromMinutes(1));
        netns.Filter.Selects("shop/cart-0").ShouldBeTrue();
        netns.Filter.Selects("shop/db-0").ShouldBeFalse();
        netns.Filter.Selects("other").ShouldBeFalse();
    }

    [Fact]
    public async Task Once_looks_at_no_other_namespace() => (await Parse("once")).Mode.ShouldBe(NetnsMode.Off);

    [Fact]
    public async Task The_doctor_looks_at_all_or_at_those_of_a_name()
    {
        (await Parse("doctor")).Mode.ShouldBe(NetnsMode.Auto);
        var one = await Parse("doctor", "--netns=shop/cart-*");
        one.Mode.ShouldBe(NetnsMode.Listeners);
        one.MayEnter.ShouldBeTrue();
        one.Series.ShouldBe(NetnsSeriesChoice.All);
        one.Filter.Selects("shop/cart-0").ShouldBeTrue();
        one.Filter.Selects("shop/db-0").ShouldBeFalse();
    }

    private static async Task<NetnsOptions> Parse(params string[] arguments)
    {
        ExporterOptions? taken = null;
        var line = new CommandLine(CommandActions.All(options =>
        {
            taken = options;
            return Task.FromResult(0);
        }));
        (await line.RunAsync(arguments)).ShouldBe(0);
        return taken!.Netns;
    }
}
