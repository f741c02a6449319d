using System.Runtime.InteropServices;
using Shouldly;
using TcpStatExporter.Host;
using Xunit;

namespace TcpStatExporter.Tests.Host;

public sealed unsafe class NativeHeapTests
{
    private const int Blocks = 100;

    /// <summary>
    /// In glibc, a chunk with its own mapping starts at a page boundary, and its block follows a header of 16 bytes.
    /// </summary>
    private static readonly nint Header = 2 * sizeof(nint);

    [Fact]
    public void Large_blocks_have_their_own_mappings_after_larger_ones_were_freed()
    {
        NativeHeap.GiveBackLargeBlocks().ShouldBeTrue();
        for (var i = 0; i < 10; i++)
        {
            NativeMemory.Free(NativeMemory.Alloc(1 << 20));
        }

        var blocks = Enumerable.Range(0, Blocks).Select(_ => (nint)NativeMemory.Alloc(100 * 1024)).ToArray();
        var mapped = blocks.Count(block => block % Environment.SystemPageSize == Header);
        Array.ForEach(blocks, block => NativeMemory.Free((void*)block));

        // a few may have used memory that was already free
        mapped.ShouldBeGreaterThan(Blocks / 2);
    }
}
