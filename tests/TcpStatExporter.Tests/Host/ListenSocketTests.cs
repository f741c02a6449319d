using System.Net;
using System.Net.Sockets;
using Shouldly;
using TcpStatExporter.Host;
using Xunit;

namespace TcpStatExporter.Tests.Host;

public sealed class ListenSocketTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    [InlineData("::")]
    public void The_address_is_returned_and_the_socket_stays_open(string address)
    {
        var ip = IPAddress.Parse(address);
        using var listener = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(ip, 0));
        listener.Listen();
        ListenSocket.Address((ulong)listener.Handle).ShouldBe(ip);

        var loopback = ip.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback;
        using var client = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(loopback, ((IPEndPoint)listener.LocalEndPoint!).Port);
        using var accepted = listener.Accept();
        accepted.Connected.ShouldBeTrue();
    }

    [Fact]
    public void Only_IP_sockets_have_an_address()
    {
        using var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        ListenSocket.Address((ulong)unix.Handle).ShouldBeNull();
        ListenSocket.Address(999_999).ShouldBeNull();
    }
}
