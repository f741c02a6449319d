using System.Globalization;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.SockDiag;

/// <summary>The request for one connection, and the parsing of its answer.</summary>
public sealed class InetDiagLookupTests : IDisposable
{
    private static readonly TcpSocketId Id = new(
        IpAddress.FromIPv4(0x7f000001), IpAddress.FromIPv4(0xc0000205), LocalPort: 0x1f90, RemotePort: 0xc001, Interface: 3, Cookie: 0x1122334455667788);

    private readonly ScriptedTransport _kernel = new();
    private readonly NetlinkSocket _socket;

    public InetDiagLookupTests() => _socket = new NetlinkSocket(_kernel, _kernel);

    public void Dispose() => _socket.Dispose();

    [Fact]
    public void A_request_has_the_bytes_that_the_kernel_expects()
    {
        var bytes = new byte[InetDiagLookup.Size];
        InetDiagLookup.Write(bytes, Id, 0x01020304);

        var expected = new byte[76];
        Write(0, 76); // nlmsg_len
        Write(4, 18 | (1 << 16)); // TCPDIAG_GETSOCK, NLM_F_REQUEST: no dump
        Write(8, 0x01020304); // nlmsg_seq
        expected[16] = 2; // idiag_family: AF_INET
        expected[19] = 0x42; // idiag_ext: INET_DIAG_INFO, INET_DIAG_SKMEMINFO
        new byte[] { 0x1f, 0x90, 0xc0, 0x01, 127, 0, 0, 1 }.CopyTo(expected, 20);
        new byte[] { 192, 0, 2, 5 }.CopyTo(expected, 40);
        Write(56, 3); // idiag_if
        Write(60, 0x55667788); // idiag_cookie
        Write(64, 0x11223344);
        bytes.ShouldBe(expected);

        void Write(int offset, int value) => BitConverter.TryWriteBytes(expected.AsSpan(offset), value);
    }

    [Theory]
    [InlineData("::ffff:127.0.0.1", 0, 0x0000_ffff_7f00_0001UL)]
    [InlineData("2001:db8::1", 0x20010db8_00000000UL, 1)]
    public void IPv6_addresses_keep_the_family_of_their_socket(string address, ulong high, ulong low)
    {
        var bytes = new byte[InetDiagLookup.Size];
        InetDiagLookup.Write(bytes, Id with { LocalAddress = IpAddress.FromIPv6(high, low) }, 1);
        bytes[16].ShouldBe((byte)10);
        bytes[24..40].ShouldBe(System.Net.IPAddress.Parse(address).GetAddressBytes());
    }

    [Fact]
    public void An_answer_has_age_and_memory()
    {
        var info = new byte[248];
        BitConverter.TryWriteBytes(info.AsSpan(44), 1500);
        var memory = new byte[36];
        BitConverter.TryWriteBytes(memory, 2304);
        _kernel.Datagram(Recorded.Socket(TcpState.Established, [.. Recorded.Attribute(2, info), .. Recorded.Attribute(7, memory)], sequence: 1));
        _socket.Find(Id, out var found).ShouldBe(new DumpResult(ReadResult.Ok, Interrupted: false, Errno: 0));
        (found.State, found.HasInfo, found.SinceDataSent, found.ReceiveMemory).ShouldBe((TcpState.Established, true, 1500u, 2304u));
        _socket.HasUnreadReply.ShouldBeFalse();
    }

    [Theory]
    [InlineData(71)]
    [InlineData(0)]
    public void A_short_answer_has_no_age(int length)
    {
        _kernel.Datagram(Recorded.Socket(TcpState.Established, Recorded.Attribute(2, new byte[length]), sequence: 1));
        _socket.Find(Id, out var found).IsOk.ShouldBeTrue();
        found.HasInfo.ShouldBeFalse();
    }

    [Theory]
    [InlineData(Errno.ENOENT)]
    [InlineData(Errno.ESTALE)]
    public void A_connection_that_is_gone_is_not_an_error(int errno)
    {
        _kernel.Datagram(Recorded.Error(-errno, sequence: 1));
        _socket.Find(Id, out var found).IsOk.ShouldBeTrue();
        found.State.ShouldBe(TcpState.None);
        _socket.HasUnreadReply.ShouldBeFalse();
    }

    [Theory]
    [InlineData(Errno.EPERM, SourceError.PermissionDenied)]
    [InlineData(Errno.ENOMEM, SourceError.NoBuffers)]
    public void A_refusal_is_reported(int errno, SourceError error)
    {
        _kernel.Datagram(Recorded.Error(-errno, sequence: 1));
        _socket.Find(Id, out _).Result.Error.ShouldBe(error, errno.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void No_answer_is_a_timeout_and_the_socket_is_not_used_again()
    {
        _socket.Find(Id, out _).Result.Error.ShouldBe(SourceError.Timeout);
        _socket.HasUnreadReply.ShouldBeTrue();
    }

    [Fact]
    public void A_truncated_answer_is_malformed()
    {
        var message = Recorded.Socket(TcpState.Established, Recorded.Attribute(2, new byte[248]), sequence: 1);
        _kernel.Datagram(message[..100]);
        _socket.Find(Id, out var found).Result.Error.ShouldBe(SourceError.Malformed);
        found.State.ShouldBe(TcpState.None);
    }
}
