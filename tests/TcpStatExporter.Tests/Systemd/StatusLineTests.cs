using System.Text;
using System.Text.Json;
using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Systemd;
using TcpStatExporter.Tests.Support;
using TcpStatExporter.Tests.View;
using TcpStatExporter.View;
using TcpStatExporter.Web.Page;
using Xunit;

namespace TcpStatExporter.Tests.Systemd;

public sealed class StatusLineTests
{
    [Fact]
    public void Shows_the_state_of_TCP_at_a_glance()
    {
        // of 140 listeners with queues of 0 to 139 and a limit of 128, eleven are above it
        var store = Sampled(FakeHost.Sources(listeners: 140));
        Line(store).ShouldBe("Just started: no verdict yet; 10 established, 60 time-wait, 80 close-wait; 140 listeners, 11 full");
    }

    [Theory]
    [InlineData(SourceId.Sockets)]
    [InlineData(SourceId.Listeners)]
    public void Shows_no_number_that_was_not_read(SourceId broken)
    {
        var sources = FakeHost.Sources();
        sources.Single(source => source.Id == broken).OnRead = _ => ReadResult.Failed(SourceError.Io);
        Line(Sampled(sources)).ShouldBe("Just started: no verdict yet; 1 samples");
    }

    /// <summary>
    /// The same words as on the page, in top and in doctor. A unit is named after its directory, so it must not start a new
    /// line.
    /// </summary>
    [Fact]
    public void Begins_with_the_verdict()
    {
        var host = new WatchedHost();
        var web = host.Listen("0.0.0.0", 80, "web\nMAINPID=1", limit: 8);
        host.Tick().Tick(sample => WatchedHost.Queue(sample, web, 9, lost: 40));
        Line(host.Store, host.AdviceStore).ShouldBe("Critical: 0.0.0.0:80 (web?MAINPID=1) is losing connections; 0 established, 0 time-wait, 0 close-wait; 1 listeners, 1 full");
    }

    /// <summary>A stalled sampler sends nothing new, and its last verdict is old.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public void Page_JSON_and_status_have_one_verdict(double age)
    {
        var host = new WatchedHost();
        var web = host.Listen("0.0.0.0", 80, "web.service", limit: 8);
        host.Tick().Tick(sample => WatchedHost.Queue(sample, web, 9, lost: 40));
        host.Time.Advance(TimeSpan.FromSeconds(age));
        var expected = age > 0 ? "The last sample is 60 s old: sampling has stalled" : "0.0.0.0:80 (web.service) is losing connections";

        host.View.Verdict.Text.ShouldBe(expected);
        Encoding.UTF8.GetString(new HostPage("/metrics").Write(host.View)).ShouldContain($">{expected}</h1>");
        using var json = JsonDocument.Parse(ViewJson.Write(host.View, isIndented: false));
        json.RootElement.GetProperty("verdict").GetProperty("text").GetString().ShouldBe(expected);
        Line(host.Store, host.AdviceStore).ShouldStartWith((age > 0 ? "" : "Critical: ") + expected + ";");
    }

    private static string Line(SampleStore store, AdviceStore? advice = null) => new StatusLine(store, advice ?? new AdviceStore()).Write();

    private static SampleStore Sampled(IEnumerable<ISource> sources)
    {
        var (sampler, store) = FakeHost.Sampler(sources, new ManualTimeProvider());
        using (sampler)
        {
            sampler.Sample();
        }

        return store;
    }
}
