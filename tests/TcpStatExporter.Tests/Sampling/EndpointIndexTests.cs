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
    public void Has_the_kernels_preferences(string local, string listener)
    {
        Index.TryFind(Ip(local), 80, 0, 0, out var found).ShouldBeTrue();
        found.ShouldBe(listener);
    }

    [Fact]
    public void Uses_the_IPv6_wildcard_for_IPv4_if_there_is_no_other()
    {
        Create("::").TryFind(Ip("10.0.0.1"), 80, 0, 0, out var found).ShouldBeTrue();
        found.ShouldBe("::");
    }

    [Theory]
    [InlineData("0.0.0.0", "2001:db8::1")] // the wildcard of IPv4 takes no IPv6
    [InlineData("10.0.0.1", "10.0.0.2")]
    public void Finds_no_listener_if_none_would_answer(string listener, string local) =>
        Create(listener).TryFind(Ip(local), 80, 0, 0, out _).ShouldBeFalse();

    [Fact]
    public void Distinguishes_ports() => Index.TryFind(Ip("10.0.0.1"), 81, 0, 0, out _).ShouldBeFalse();

    [Fact]
    public void Keeps_the_first_of_two_on_one_endpoint()
    {
        var index = new EndpointIndex<int>();
        index.Add(Socket("10.0.0.1", 80), 1);
        index.Add(Socket("10.0.0.1", 80), 2);
        index.TryFind(Ip("10.0.0.1"), 80, 0, 0, out var found).ShouldBeTrue();
        found.ShouldBe(1);
    }

    [Theory]
    [InlineData("10.0.0.1", 7, "0.0.0.0 on 7")]
    [InlineData("10.0.0.1", 8, "0.0.0.0 on 8")]
    [InlineData("10.0.0.1", 9, "0.0.0.0")] // a VRF, which a listener bound to none takes too
    [InlineData("10.0.0.1", 0, "0.0.0.0")]
    [InlineData("fe80::1", 7, "fe80::1 on 7")]
    [InlineData("fe80::1", 8, ":: on 8")]
    public void Distinguishes_devices(string local, uint device, string listener)
    {
        var index = new EndpointIndex<string>();
        index.Add(Socket("0.0.0.0", 80, device: 7), "0.0.0.0 on 7");
        index.Add(Socket("0.0.0.0", 80), "0.0.0.0");
        index.Add(Socket("0.0.0.0", 80, device: 8), "0.0.0.0 on 8");
        index.Add(Socket("fe80::1", 80, device: 7), "fe80::1 on 7");
        index.Add(Socket("::", 80, device: 8), ":: on 8");
        index.TryFind(Ip(local), 80, device, 0, out var found).ShouldBeTrue();
        found.ShouldBe(listener);
    }

    [Fact]
    public void Finds_nothing_if_the_only_listener_is_bound_to_another_device()
    {
        var index = new EndpointIndex<int>();
        index.Add(Socket("0.0.0.0", 80, device: 7), 1);
        index.TryFind(Ip("10.0.0.1"), 80, 8, 0, out _).ShouldBeFalse();
        index.TryFind(Ip("10.0.0.1"), 80, 0, 0, out _).ShouldBeFalse();
    }

    [Fact]
    public void An_IPv6_only_listener_accepts_no_IPv4()
    {
        var index = new EndpointIndex<string>();
        index.Add(Socket("::", 80, v6Only: true), "six");
        index.TryFind(Ip("10.0.0.1"), 80, 0, 0, out _).ShouldBeFalse();
        index.TryFind(Ip("::ffff:10.0.0.1"), 80, 0, 0, out _).ShouldBeFalse();
        index.TryFind(Ip("2001:db8::1"), 80, 0, 0, out var found).ShouldBeTrue();
        found.ShouldBe("six");

        index.Add(Socket("0.0.0.0", 80), "four");
        index.TryFind(Ip("10.0.0.1"), 80, 0, 0, out found).ShouldBeTrue();
        found.ShouldBe("four");
    }

    [Theory]
    [InlineData(1, "one")]
    [InlineData(2, "two")]
    [InlineData(3, "three")]
    [InlineData(4, "one")] // of none of them: the first
    [InlineData(0, "one")] // a half-open connection has no cgroup
    public void Prefers_the_socket_in_the_connections_own_cgroup(ulong cgroup, string unit)
    {
        var index = new EndpointIndex<string>();
        index.Add(Socket("::", 80, cgroup: 1), "one");
        index.Add(Socket("::", 80, cgroup: 2), "two");
        index.Add(Socket("::", 80, cgroup: 2), "two again");
        index.Add(Socket("::", 80, cgroup: 3), "three");
        foreach (var local in (string[])["10.0.0.1", "2001:db8::1"])
        {
            index.TryFind(Ip(local), 80, 0, cgroup, out var found).ShouldBeTrue();
            found.ShouldBe(unit);
        }
    }

    [Fact]
    public void Forgets()
    {
        var index = Create("::");
        index.Clear();
        index.TryFind(Ip("::1"), 80, 0, 0, out _).ShouldBeFalse();
    }

    private static EndpointIndex<string> Create(params string[] addresses)
    {
        var index = new EndpointIndex<string>();
        foreach (var address in addresses)
        {
            index.Add(Socket(address, 80), address);
        }

        return index;
    }
}
