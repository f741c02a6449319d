using System.Runtime.InteropServices;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Linux;

public sealed unsafe class NativeHeapTests
{
    [Fact]
    public void A_large_block_is_a_mapping_of_its_own_after_larger_ones_were_freed()
    {
        NativeHeap.GiveBackLargeBlocks().ShouldBeTrue();
        for (var i = 0; i < 10; i++)
        {
            NativeMemory.Free(NativeMemory.Alloc(1 << 20));
        }

        // another thread may map something at its place meanwhile, but not each time
        Enumerable.Range(0, 10).ShouldContain(_ => IsGivenBack());
    }

    private static bool IsGivenBack()
    {
        var block = NativeMemory.Alloc(100 * 1024);
        var isMapped = IsMapped(block);
        NativeMemory.Free(block);
        isMapped.ShouldBeTrue();
        return !IsMapped(block);
    }

    /// <summary>Whether a mapping begins with the page of a block, as one does that holds it alone.</summary>
    private static bool IsMapped(void* block)
    {
        var page = (nint)block & ~((nint)Environment.SystemPageSize - 1);
        return File.ReadLines("/proc/self/maps").Any(line => line.StartsWith($"{page:x}-", StringComparison.Ordinal));
    }
}
