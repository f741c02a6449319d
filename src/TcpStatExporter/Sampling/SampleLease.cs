namespace TcpStatExporter.Sampling;

/// <summary>
/// A sample that does not change until this is disposed. Dispose it soon, and only once, because its memory is reused.
/// </summary>
/// <param name="store">Its store.</param>
/// <param name="sample">The sample.</param>
/// <param name="age">Age of the last tick that read at least one source. Null before the first one.</param>
internal readonly struct SampleLease(SampleStore store, NamespaceSample sample, TimeSpan? age) : IDisposable
{
    /// <summary>The sample. Read only.</summary>
    public NamespaceSample Sample { get; } = sample;

    /// <summary>
    /// Age of the last tick that read at least one source, when the lease was taken. Null before the first one.
    /// </summary>
    public TimeSpan? Age { get; } = age;

    /// <inheritdoc/>
    public void Dispose() => store.Return(Sample);
}
