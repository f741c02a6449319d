using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace TcpStatExporter.Systemd;

/// <summary>
/// The signals other than SIGTERM, which the host's own lifetime handles. SIGHUP reloads the daemon. SIGINT and SIGQUIT stop
/// it, which systemd's lifetime leaves to us.
/// </summary>
/// <param name="lifetime">Stops the daemon.</param>
/// <param name="reload">What SIGHUP does. Runs on a pool thread, one call at a time.</param>
internal sealed class Signals(IHostApplicationLifetime lifetime, Action reload) : IHostedService, IDisposable
{
    private readonly Lock _reloading = new();
    private PosixSignalRegistration[] _registrations = [];
    private bool _isStopped;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, End),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, End),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Reload),
        ];
        return Task.CompletedTask;
    }

    /// <summary>Waits for a running reload: what it needs is disposed next. A later SIGHUP does nothing.</summary>
    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_reloading)
        {
            _isStopped = true;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());

    private void End(PosixSignalContext context)
    {
        context.Cancel = true;
        lifetime.StopApplication();
    }

    private void Reload(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_reloading)
        {
            if (!_isStopped)
            {
                reload();
            }
        }
    }
}
