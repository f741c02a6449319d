namespace TcpStatExporter.Sampling;

/// <summary>A sample that does not change as long as this is not disposed. Dispose it soon, once: its memory is used again then.</summary>
/// <param name="store">Where it comes from.</param>
/// <param name="sample">The sample.</param>
/// <param name="age">Age of the last tick that read at least one source; none before the first.</param>
internal readonly struct SampleLease(SampleStore store, NamespaceSample sample, TimeSpan? age) : IDisposable
{
    /// <summary>The sample, for reading only.</summary>
    public NamespaceSample Sample { get; } = sample;

    /// <summary>Age of the last tick that read at least one source, as the lease was taken; none before the first.</summary>
    public TimeSpan? Age { get; } = age;

    /// <inheritdoc/>
    public void Dispose() => store.Return(Sample);
}
