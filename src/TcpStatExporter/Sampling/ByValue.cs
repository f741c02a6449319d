namespace TcpStatExporter.Sampling;

/// <summary>
/// Compares keys by their own equality. Code compiled ahead of time (ReadyToRun) boxes a struct at each comparison by
/// the default comparer; by one that it is given it does not.
/// </summary>
/// <typeparam name="T">The key.</typeparam>
internal sealed class ByValue<T> : IEqualityComparer<T>
    where T : struct, IEquatable<T>
{
    /// <summary>The comparer.</summary>
    public static ByValue<T> Comparer { get; } = new();

    /// <inheritdoc/>
    public bool Equals(T x, T y) => x.Equals(y);

    /// <inheritdoc/>
    public int GetHashCode(T obj) => obj.GetHashCode();
}
