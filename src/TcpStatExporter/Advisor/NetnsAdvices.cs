using TcpStatExporter.Namespaces;

namespace TcpStatExporter.Advisor;

/// <summary>What judges the network namespaces that have series now. They come and go; calls that follow must not overlap.</summary>
/// <param name="watch">Who has series.</param>
/// <param name="create">Makes what judges one.</param>
internal sealed class NetnsAdvices(NetnsWatch watch, Func<WatchedNetns, NamespaceAdvice> create) : IDisposable
{
    private IReadOnlyList<WatchedNetns>? _followed;
    private NetnsAdvice[] _all = [];

    /// <summary>The namespaces. The array is never changed.</summary>
    public IReadOnlyList<NetnsAdvice> All => Volatile.Read(ref _all);

    /// <summary>Takes over who has series, and has each judged that was sampled since.</summary>
    /// <param name="now">Monotonic time.</param>
    public void Follow(TimeSpan now)
    {
        Take();
        foreach (var one in _all)
        {
            one.Judge.Follow(now);
        }
    }

    /// <summary>Takes over who has series.</summary>
    public void Take()
    {
        var watched = watch.Watched;
        if (ReferenceEquals(watched, _followed))
        {
            return;
        }

        _followed = watched;
        var before = _all;
        Volatile.Write(ref _all, [.. watched.Select(one => Array.Find(before, known => ReferenceEquals(known.Watched, one)) ?? new NetnsAdvice(one, create(one)))]);
        foreach (var gone in before.Except(_all))
        {
            gone.Judge.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_all, one => one.Judge.Dispose());
}
