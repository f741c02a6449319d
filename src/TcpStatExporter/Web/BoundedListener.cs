using System.Net;
using Microsoft.AspNetCore.Connections;

namespace TcpStatExporter.Web;

/// <summary>
/// Accepts no more connections at a time than there is room for; the others wait in the kernel. The server's own loop
/// accepts all there are, and each is a descriptor until somebody has closed it, so that a storm could take them all.
/// </summary>
/// <param name="inner">Listens.</param>
/// <param name="room">A place for each connection, which is given back when it ends.</param>
internal sealed class BoundedListener(IConnectionListener inner, SemaphoreSlim room) : IConnectionListener
{
    private readonly CancellationTokenSource _unbound = new();

    /// <inheritdoc/>
    public EndPoint EndPoint => inner.EndPoint;

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await room.WaitAsync(_unbound.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        ConnectionContext? connection = null;
        try
        {
            connection = await inner.AcceptAsync(cancellationToken);
            return connection;
        }
        finally
        {
            if (connection is null)
            {
                room.Release();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _unbound.CancelAsync();
        await inner.UnbindAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _unbound.Dispose();
        return inner.DisposeAsync();
    }

    /// <summary>Makes such listeners of another factory's.</summary>
    /// <param name="inner">The other factory.</param>
    /// <param name="room">A place for each connection.</param>
    internal sealed class Factory(IConnectionListenerFactory inner, SemaphoreSlim room) : IConnectionListenerFactory
    {
        /// <inheritdoc/>
        public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
            new BoundedListener(await inner.BindAsync(endpoint, cancellationToken), room);
    }
}
