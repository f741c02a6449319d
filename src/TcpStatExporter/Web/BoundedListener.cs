using System.Net;
using Microsoft.AspNetCore.Connections;

namespace TcpStatExporter.Web;

/// <summary>
/// Accepts only as many connections as there is room for. The others wait in the kernel. Kestrel's own loop accepts all of
/// them, and each one is a descriptor until somebody closes it, so a connection storm could use up all descriptors.
/// </summary>
/// <param name="inner">The listener.</param>
/// <param name="room">One permit for each connection. It is returned when the connection ends.</param>
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

    /// <summary>Wraps the listeners of another factory.</summary>
    /// <param name="inner">The other factory.</param>
    /// <param name="room">One permit for each connection.</param>
    internal sealed class Factory(IConnectionListenerFactory inner, SemaphoreSlim room) : IConnectionListenerFactory
    {
        /// <inheritdoc/>
        public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
            new BoundedListener(await inner.BindAsync(endpoint, cancellationToken), room);
    }
}
