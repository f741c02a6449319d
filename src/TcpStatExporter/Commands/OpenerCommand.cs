using System.Net.Sockets;
using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Logging;
using TcpStatExporter.Systemd;

namespace TcpStatExporter.Commands;

/// <summary>
/// Runs the opener: the one part that needs capabilities. It hands sockets of other network namespaces to a daemon that has
/// none. See <see cref="OpenerServer"/>.
/// </summary>
internal static class OpenerCommand
{
    /// <summary>systemd starts it again when a client connects.</summary>
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(1);

    /// <summary>Serves until SIGTERM or SIGINT, or, if systemd passed the socket, until nobody has asked for a minute.</summary>
    /// <param name="options">Options of the opener command.</param>
    /// <returns>Exit code.</returns>
    public static async Task<int> RunAsync(OpenerOptions options)
    {
        var passed = ListenSockets.Descriptors(Environment.GetEnvironmentVariable);
        IDisposable? created = null;
        var listener = passed.Count > 0 ? (int)passed[0] : -1;
        if (passed.Count == 0)
        {
            try
            {
                created = OpenerServer.Listen(options.Socket, out listener);
            }
            catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
            {
                await FailureLine.WriteAsync($"--socket={options.Socket}: {e.Message}.");
                return Failure.CannotStart;
            }
        }

        using var socket = created;

        // not disposed: until the process ends, a thread may be in another namespace
        var opener = new OpenerServer(options.ClientUnit, options.ClientUid, (process, user) => _ = FailureLine.WriteAsync($"Refused a client: pid {process}, user {user}."));
        var end = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

        // a thread of its own: /proc/PID/net and /proc/PID/ns show the namespace of the first one
        new Thread(() => end.TrySetResult(opener.Serve(listener, created is null ? IdleLimit : null)))
        {
            IsBackground = true,
            Name = "opener",
        }.Start();
        var errno = await end.Task;
        if (errno == 0)
        {
            return 0;
        }

        var reason = Marshal.GetPInvokeErrorMessage(errno);
        await FailureLine.WriteAsync(errno == Errno.EPERM ? $"Cannot enter network namespaces: {reason}. The opener needs CAP_SYS_ADMIN and CAP_SYS_PTRACE." : $"The opener cannot go on: {reason}.");
        return Failure.CannotStart;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            end.TrySetResult(0);
        }
    }
}
