using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using TcpStatExporter.Systemd;
using TcpStatExporter.Testing.Lab;
using Xunit;

namespace TcpStatExporter.Tests.Systemd;

public sealed class SignalsTests
{
    [Fact]
    public async Task SIGHUP_reloads_until_the_daemon_stops()
    {
        var (arrived, reloads) = (0, 0);
        using var first = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            // else it would end the tests
            context.Cancel = true;
            Interlocked.Increment(ref arrived);
        });
        using var signals = new Signals(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance), () => Interlocked.Increment(ref reloads));
        await signals.StartAsync(CancellationToken.None);
        Libc.Check(Libc.Kill(Environment.ProcessId, Libc.SigHup), "kill");
        Wait.Until(() => (Volatile.Read(ref arrived), Volatile.Read(ref reloads)) == (1, 1), () => "a reload");

        await signals.StopAsync(CancellationToken.None);
        Libc.Check(Libc.Kill(Environment.ProcessId, Libc.SigHup), "kill");
        Wait.Until(() => Volatile.Read(ref arrived) == 2, () => "the second signal");
        reloads.ShouldBe(1);
    }
}
