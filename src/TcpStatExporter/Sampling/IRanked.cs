namespace TcpStatExporter.Sampling;

/// <summary>What a <see cref="Ranking{T}"/> puts in order.</summary>
/// <typeparam name="T">The type itself.</typeparam>
internal interface IRanked<T>
    where T : struct
{
    /// <summary>Returns true if it comes before another. Must be false for equals.</summary>
    /// <param name="other">The other.</param>
    bool Precedes(in T other);
}
