using Shouldly;
using TcpStatExporter.Sampling;
using Xunit;
using static TcpStatExporter.Tests.Support.Listeners;

namespace TcpStatExporter.Tests.Sampling;

public sealed class EndpointIndexTests
{
    private static readonly EndpointIndex<string> Index = Create("10.0.0.1", "0.0.0.0", "::", "2001:db8::1", "::ffff:10.0.0.9");

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")] // a dual-stack socket's connection
    [InlineData("10.0.0.2", "0.0.0.0")]
    [InlineData("::ffff:10.0.0.2", "0.0.0.0")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("2001:db8::2", "::")]
    [InlineData("10.0.0.9", "::ffff:10.0.0.9")]
    public void Prefers_as_the_kernel_does(string local, string listener)
    {
        Index.TryFind(Ip(local), 80, out var found).ShouldBeTrue();
        found.ShouldBe(listener);
    }

    [Fact]
    public void Gives_IPv4_to_the_wildcard_of_IPv6_where_there_is_no_other()
    {
        Create("::").TryFind(Ip("10.0.0.1"), 80, out var found).ShouldBeTrue();
        found.ShouldBe("::");
    }

    [Theory]
    [InlineData("0.0.0.0", "2001:db8::1")] // the wildcard of IPv4 takes no IPv6
    [InlineData("10.0.0.1", "10.0.0.2")]
    public void Finds_no_listener_where_none_would_answer(string listener, string local) =>
        Create(listener).TryFind(Ip(local), 80, out _).ShouldBeFalse();

    [Fact]
    public void Tells_ports_apart() => Index.TryFind(Ip("10.0.0.1"), 81, out _).ShouldBeFalse();

    [Fact]
    public void Keeps_the_first_of_two_on_one_endpoint()
    {
        var index = new EndpointIndex<int>();
        index.Add(Ip("10.0.0.1"), 80, 1);
        index.Add(Ip("10.0.0.1"), 80, 2);
        index.TryFind(Ip("10.0.0.1"), 80, out var found).ShouldBeTrue();
        found.ShouldBe(1);
    }

    [Fact]
    public void Forgets()
    {
        var index = Create("::");
        index.Clear();
        index.TryFind(Ip("::1"), 80, out _).ShouldBeFalse();
    }

    private static EndpointIndex<string> Create(params string[] addresses)
    {
        var index = new EndpointIndex<string>();
        foreach (var address in addresses)
        {
            index.Add(Ip(address), 80, address);
        }

        return index;
    }
}
