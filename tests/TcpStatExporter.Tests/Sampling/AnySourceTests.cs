using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class AnySourceTests
{
    [Fact]
    public void Every_source_of_a_namespace_and_of_the_host_is_listed_once() => AnySource.All.ShouldBe(
        [.. Enum.GetValues<SourceId>().Select(id => (AnySource)id), .. Enum.GetValues<HostSourceId>().Select(id => (AnySource)id)], ignoreOrder: true);

    [Fact]
    public void A_source_of_the_host_is_found_in_its_facts()
    {
        var sample = new NamespaceSample();
        sample.Host.Status(HostSourceId.Softnet) = ReadResult.Ok;
        sample.Host[HostSourceId.Softnet].Exists = true;
        AnySource.All.Where(source => source.StatusIn(sample).IsOk).ShouldBe([HostSourceId.Softnet]);
        AnySource.All.Where(source => source.In(sample).Exists).ShouldBe([HostSourceId.Softnet]);
    }
}
