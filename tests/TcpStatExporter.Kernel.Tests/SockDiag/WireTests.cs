using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.SockDiag;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.SockDiag;

/// <summary>Sizes and offsets of these structs in the kernel's C compiler, and the bytes of a request.</summary>
public class WireTests
{
    [Fact]
    public void Structs_have_the_kernels_sizes()
    {
        Unsafe.SizeOf<NlMsgHdr>().ShouldBe(16);
        Unsafe.SizeOf<NlAttr>().ShouldBe(4);
        Unsafe.SizeOf<InetDiagSockId>().ShouldBe(48);
        Unsafe.SizeOf<InetDiagReq>().ShouldBe(60);
        Unsafe.SizeOf<InetDiagMsg>().ShouldBe(72);
        Unsafe.SizeOf<UnixDiagReq>().ShouldBe(24);
        Unsafe.SizeOf<UnixDiagMsg>().ShouldBe(16);
        (UnixDiagReq.Size, UnixDiagMsg.Size).ShouldBe((24, 16));
        Unsafe.SizeOf<Libc.SockAddrNl>().ShouldBe(12);
        Unsafe.SizeOf<Libc.PollFd>().ShouldBe(8);
        Unsafe.SizeOf<Libc.FileHandle>().ShouldBe(16);
        Unsafe.SizeOf<Libc.FileInfo>().ShouldBe(256);
        Unsafe.SizeOf<Libc.Timespec>().ShouldBe(16);
        (NlMsgHdr.Size, NlAttr.Size, InetDiagSockId.Size, InetDiagReq.Size, InetDiagMsg.Size).ShouldBe((16, 4, 48, 60, 72));
        (Libc.SockAddrNl.Size, Libc.FileHandle.Size).ShouldBe((12, 16));
    }

    [Theory]
    [InlineData(nameof(InetDiagSockId.Source), 4)]
    [InlineData(nameof(InetDiagSockId.Destination), 20)]
    [InlineData(nameof(InetDiagSockId.Interface), 36)]
    [InlineData(nameof(InetDiagSockId.CookieLow), 40)]
    public void Socket_id_fields_have_the_kernels_offsets(string field, int offset) =>
        Marshal.OffsetOf<InetDiagSockId>(field).ShouldBe(offset);

    [Fact]
    public void A_request_has_the_bytes_that_the_kernel_expects()
    {
        var bytes = new byte[InetDiagRequest.Size];
        InetDiagRequest.Listeners.Write(bytes, 0x01020304);

        var expected = new byte[76];
        Write(0, 76); // nlmsg_len
        Write(4, 18 | (0x301 << 16)); // TCPDIAG_GETSOCK, NLM_F_REQUEST | NLM_F_DUMP
        Write(8, 0x01020304); // nlmsg_seq
        expected[19] = 0x40; // idiag_ext: INET_DIAG_SKMEMINFO
        Write(68, 1 << 10); // idiag_states: LISTEN
        bytes.ShouldBe(expected);

        void Write(int offset, int value) => BitConverter.TryWriteBytes(expected.AsSpan(offset), value);
    }

    [Theory]
    [InlineData(TcpStateSet.All, 0xffe)]
    [InlineData(TcpStateSet.AllButCommon, 0xffe & ~(1 << 1) & ~(1 << 6))]
    [InlineData((TcpStateSet)(-1), 0xffe)]
    public void A_request_never_includes_bound_unconnected_sockets(TcpStateSet states, int mask)
    {
        var bytes = new byte[InetDiagRequest.Size];
        new InetDiagRequest(states, WithMemory: false).Write(bytes, 1);
        BitConverter.ToInt32(bytes, 68).ShouldBe(mask);
        bytes[19].ShouldBe((byte)0);
    }

    [Fact]
    public void A_request_for_unix_listeners_is_the_bytes_that_the_kernel_expects()
    {
        var bytes = new byte[UnixDiagRequest.Size];
        Array.Fill(bytes, (byte)0xee);
        UnixDiagRequest.Write(bytes, 0x01020304);

        var expected = new byte[40];
        Write(0, 40); // nlmsg_len
        Write(4, 20 | (0x301 << 16)); // SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP
        Write(8, 0x01020304); // nlmsg_seq
        expected[16] = 1; // sdiag_family: AF_UNIX
        Write(20, 1 << 10); // udiag_states: LISTEN
        Write(28, 0x51); // udiag_show: NAME, RQLEN, UID
        Write(32, -1); // udiag_cookie
        Write(36, -1);
        bytes.ShouldBe(expected);
        Should.Throw<ArgumentOutOfRangeException>(() => UnixDiagRequest.Write(new byte[UnixDiagRequest.Size - 1], 1));

        void Write(int offset, int value) => BitConverter.TryWriteBytes(expected.AsSpan(offset), value);
    }

    [Fact]
    public void A_request_does_not_fit_into_less_than_its_size() =>
        Should.Throw<ArgumentOutOfRangeException>(() => InetDiagRequest.Full.Write(new byte[InetDiagRequest.Size - 1], 1));
}
