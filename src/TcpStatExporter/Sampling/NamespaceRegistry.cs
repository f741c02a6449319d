namespace TcpStatExporter.Sampling;

/// <summary>The sampled network namespaces. The host's own is first. Thread-safe.</summary>
/// <param name="all">The namespaces. Owned by this object.</param>
internal sealed class NamespaceRegistry(params NamespaceSampling[] all) : IDisposable
{
    private readonly NamespaceSampling[] _all = all;
    private bool _isDisposed;

    /// <summary>All namespaces. The array never changes.</summary>
    public ReadOnlySpan<NamespaceSampling> All => _all;

    /// <summary>The host's own namespace.</summary>
    public NamespaceSampling Host => _all[0];

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        foreach (var one in _all)
        {
            one.Dispose();
        }
    }
}
