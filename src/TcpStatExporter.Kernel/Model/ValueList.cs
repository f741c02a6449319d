namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// A list of structs that returns references and keeps its array when cleared, so a steady load allocates nothing.
/// </summary>
/// <typeparam name="T">Element type.</typeparam>
public sealed class ValueList<T> : Part
    where T : struct
{
    private T[] _items;

    /// <summary>Creates an empty list.</summary>
    public ValueList() => _items = [];

    /// <summary>Creates a list of default values.</summary>
    /// <param name="count">How many.</param>
    public ValueList(int count)
    {
        _items = new T[count];
        Count = count;
    }

    /// <summary>Number of elements.</summary>
    public int Count { get; private set; }

    /// <summary>The elements. Valid until the next element is added.</summary>
    public Span<T> Span => _items.AsSpan(0, Count);

    /// <summary>The element at <paramref name="index"/>, by reference. Valid until the next element is added.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> − 1.</param>
    public ref T this[int index] => ref Span[index];

    /// <summary>Removes all elements and keeps the memory.</summary>
    public void Clear() => Count = 0;

    /// <summary>Removes the last elements and keeps the memory.</summary>
    /// <param name="count">How many to keep. At most the current number.</param>
    public void Shorten(int count) => Count = Math.Min(Count, count);

    /// <summary>Adds one element.</summary>
    /// <param name="item">What to add.</param>
    public void Add(in T item) => Add() = item;

    /// <summary>Adds one element and returns a reference to it. It still holds old content.</summary>
    public ref T Add()
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(16, _items.Length * 2));
        }

        return ref _items[Count++];
    }

    /// <summary>Copies the elements to <paramref name="other"/>.</summary>
    /// <param name="other">The list to overwrite.</param>
    public void CopyTo(ValueList<T> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._items.Length < Count)
        {
            other._items = new T[_items.Length];
        }

        Span.CopyTo(other._items);
        other.Count = Count;
    }

    /// <inheritdoc/>
    protected internal override void CopyTo(Part other) => CopyTo((ValueList<T>)other);
}
