namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Memory that a whole small file is read into. It grows to what the largest file needed and stays: one serves any
/// number of files that are read and parsed in turn. Not for use by several threads at once.
/// </summary>
public sealed class ProcFileBuffer
{
    private const int InitialCapacity = 16 * 1024;

    private readonly int _limit;
    private byte[] _bytes;

    /// <summary>An empty buffer.</summary>
    /// <param name="limit">
    /// Bytes from which on a file is refused. The default, 1 MiB, is many times what the kernel prints in any file
    /// that is read whole.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A limit below 1.</exception>
    public ProcFileBuffer(int limit = 1024 * 1024)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        _limit = limit;
        _bytes = new byte[Math.Min(InitialCapacity, limit)];
    }

    /// <summary>What the last read brought; empty if it failed. Valid until the next one.</summary>
    public ReadOnlySpan<byte> Content => _bytes.AsSpan(0, Length);

    internal int Length { get; set; }

    internal Span<byte> Free => _bytes.AsSpan(Length);

    /// <summary>Empties the buffer and doubles it; false if it is as large as it may get.</summary>
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
