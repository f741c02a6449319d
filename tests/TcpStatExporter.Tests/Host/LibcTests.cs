using System.Runtime.CompilerServices;
using Shouldly;
using TcpStatExporter.Host;
using Xunit;

namespace TcpStatExporter.Tests.Host;

/// <summary>Sizes of structs that the C library fills.</summary>
public sealed class LibcTests
{
    [Fact]
    public void Structs_have_the_sizes_in_the_kernels_headers()
    {
        Unsafe.SizeOf<Libc.PollFd>().ShouldBe(8);
        Unsafe.SizeOf<Libc.WindowSizeReply>().ShouldBe(8);
    }
}
