using System.Runtime.CompilerServices;

namespace TcpStatExporter.Exposition;

/// <summary>
/// Bytes of one page. It grows by doubling and keeps its memory when cleared, so that pages of a steady size allocate
/// nothing. Not for use by two threads at once.
/// </summary>
public sealed class ExpositionBuffer
{
    private const int MinCapacity = 4096;

    private byte[] _bytes = new byte[MinCapacity];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that fit without growing.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>What was written. Valid until the next call that writes, clears or trims.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _bytes.AsSpan(0, Length);

    /// <inheritdoc cref="WrittenSpan"/>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>Forgets what was written and keeps the memory.</summary>
    public void Clear() => Length = 0;

    /// <summary>
    /// Gives half of the memory back if less than a quarter of it holds what was written, so that one huge page is not
    /// paid for ever after. Meant to be called after each page: at a steady size it does nothing.
    /// </summary>
    public void Trim()
    {
        if (Capacity > MinCapacity && Length < Capacity / 4)
        {
            Array.Resize(ref _bytes, Math.Max(MinCapacity, Capacity / 2));
        }
    }

    /// <summary>Room for at least <paramref name="count"/> bytes, to be confirmed by <see cref="Advance"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
        {
            Grow(count);
        }

        return _bytes.AsSpan(Length);
    }

    internal void Advance(int count) => Length += count;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count) => Array.Resize(ref _bytes, checked(Math.Max(Capacity * 2, Length + count)));
}
