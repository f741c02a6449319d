namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// A buffer for reading a whole small file. It grows to the size of the largest file and keeps that size. One buffer can
/// serve any number of files, if each is parsed before the next is read. Not thread-safe.
/// </summary>
public sealed class ProcFileBuffer
{
    private const int InitialCapacity = 16 * 1024;

    private readonly int _limit;
    private byte[] _bytes;

    /// <summary>Creates an empty buffer.</summary>
    /// <param name="limit">
    /// Larger files are refused, in bytes. The default, 1 MiB, is many times the size of any kernel file that is read whole.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is below 1.</exception>
    public ProcFileBuffer(int limit = 1024 * 1024)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        _limit = limit;
        _bytes = new byte[Math.Min(InitialCapacity, limit)];
    }

    /// <summary>The bytes of the last read. Empty if it failed. Valid until the next read.</summary>
    public ReadOnlySpan<byte> Content => _bytes.AsSpan(0, Length);

    internal int Length { get; set; }

    internal Span<byte> Free => _bytes.AsSpan(Length);

    /// <summary>Empties the buffer and doubles its size. Returns false if it already has its maximum size.</summary>
    internal bool TryGrow()
    {
        Length = 0;
        if (_bytes.Length == _limit)
        {
            return false;
        }

        _bytes = new byte[(int)Math.Min(_bytes.Length * 2L, _limit)];
        return true;
    }
}
