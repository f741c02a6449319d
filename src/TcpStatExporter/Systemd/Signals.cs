using System.Runtime.InteropServices;

namespace TcpStatExporter.Systemd;

/// <summary>The signals that the daemon heeds: SIGTERM, SIGINT and SIGQUIT end it, SIGHUP asks it to reload.</summary>
internal sealed class Signals : IDisposable
{
    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Heeds them from now on.</summary>
    /// <param name="reload">What SIGHUP does; called on a thread of the pool, once at a time.</param>
    public Signals(Action reload)
    {
        var reloading = new Lock();
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, End),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, End),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, End),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
            {
                context.Cancel = true;
                lock (reloading)
                {
                    reload();
                }
            }),
        ];
    }

    /// <summary>Done when the daemon was told to end.</summary>
    public Task Stop => _stop.Task;

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());

    private void End(PosixSignalContext context)
    {
        context.Cancel = true;
        _stop.TrySetResult();
    }
}
