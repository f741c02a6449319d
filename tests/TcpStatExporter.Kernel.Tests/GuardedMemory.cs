using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.Tests;

/// <summary>Memory that ends at an unreadable page: reading one byte too far ends the process.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly byte* _start;
    private readonly nuint _mapped;
    private readonly int _size;

    public GuardedMemory(int size)
    {
        var page = Environment.SystemPageSize;
        _size = (size + page - 1) / page * page;
        _mapped = (nuint)(_size + page);
        _start = Map(null, _mapped, ReadWrite, PrivateAnonymous, -1, 0);
        if (_start == (byte*)-1 || Protect(_start + _size, (nuint)page, 0) != 0)
        {
            throw new InvalidOperationException($"mmap: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Copies text to the end of the memory, right before the guard page.</summary>
    public Span<byte> Place(ReadOnlySpan<byte> text)
    {
        var place = new Span<byte>(_start + _size - text.Length, text.Length);
        text.CopyTo(place);
        return place;
    }

    public void Dispose() => _ = Unmap(_start, _mapped);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial byte* Map(void* address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint length);
}
