namespace TcpStatExporter.Sampling;

/// <summary>The network namespaces that are sampled, the host's own first. Any thread may ask.</summary>
/// <param name="all">The namespaces, which it owns.</param>
internal sealed class NamespaceRegistry(params NamespaceSampling[] all) : IDisposable
{
    private readonly NamespaceSampling[] _all = all;
    private bool _isDisposed;

    /// <summary>All of them. The array is not changed.</summary>
    public ReadOnlySpan<NamespaceSampling> All => _all;

    /// <summary>The host's own.</summary>
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
