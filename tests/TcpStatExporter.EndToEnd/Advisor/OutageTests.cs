using System.Diagnostics;
using System.Net;
using Shouldly;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd.Advisor;

/// <summary>
/// Outages that increment no loss counter, on the real kernel, and events that only look like one. Each outage is found once,
/// by its own rule.
/// </summary>
public sealed class OutageTests
{
    private const int Service = 8080;
    private const int Warnings = 1;

    /// <summary>Slightly more than ten seconds: the time that a drop is compared with, and that a restart may take.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(14);
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task Four_outages_on_one_host_are_four_findings_and_look_alikes_are_none()
    {
        await Task.WhenAll(Task.Run(Outages), Task.Run(LookAlikes));
    }

    /// <summary>
    /// A full listener and its clients on the same host, at an address other than loopback: one fault, one finding.
    /// </summary>
    [Fact]
    public void Clients_that_wait_for_a_full_listener_on_the_same_host_are_not_a_second_finding()
    {
        using var ns = NetNamespace.Create();
        using var outside = NetNamespace.Create();
        var (here, _) = NetNamespace.Join(ns, outside);
        using var listener = ns.Run(() => KernelSocket.Listener(here, backlog: 8, Service));
        var endpoint = new IPEndPoint(here, Service);
        using var patient = new ImpatientClients(ns, endpoint);
        patient.Come(40);

        var doctor = Doctor.ExamineBusy(ns, endpoint);

        doctor.Found.ShouldBe(["listener-dropping"], doctor.Result.Output);
        doctor.Listeners("listener-dropping").ShouldBe([endpoint]);
    }

    /// <summary>
    /// Clients on the same host believe that they are connected, and retransmit their FIN. The cause is the SYN queue, not
    /// the network.
    /// </summary>
    [Fact]
    public void Clients_on_a_host_with_a_full_SYN_queue_do_not_count_as_retransmissions()
    {
        using var ns = NetNamespace.Create();
        using var fault = new SynQueueFull(ns, syncookies: 1);

        var doctor = Doctor.ExamineDuring(ns, () =>
        {
            for (var round = 0; round < 5; round++)
            {
                ns.Run(() =>
                {
                    for (var i = 0; i < 20; i++)
                    {
                        using var client = KernelSocket.Connected(fault.Listener);
                    }
                });
            }
        });

        doctor.Found.ShouldBe(["syn-queue-overflowing"], doctor.Result.Output);
    }

    /// <summary>Each outage is reported once, next to many healthy connections.</summary>
    private static void Outages()
    {
        using var ns = NetNamespace.Create();
        var visitors = new Visitors(ns);
        using var outside = visitors.Outside;
        using var held = visitors;
        var service = visitors.Listen(Service);
        var upstream = new UnansweredConnects(ns);
        using var nowhere = upstream.Nowhere;
        using var waiting = upstream;
        using var chat = new AcceptedConnections(ns, 80);
        using var deaf = new NeverRead(ns, 30);

        var doctor = Doctor.ExamineDuring(ns, Watch, () =>
        {
            upstream.Try(5, rounds: 1);
            During(Before, () => new OrdinaryConnections(ns, 20).Dispose());
            chat.CutOff();
            visitors.StopListening();
            During(After, () =>
            {
                visitors.Connect(Service, 5);
                new OrdinaryConnections(ns, 20).Dispose();
            });
        });

        string.Join(' ', doctor.Found.Order(StringComparer.Ordinal)).ShouldBe("application-not-reading connect-unanswered connections-lost listener-away", doctor.Result.Output);
        doctor.Listeners("listener-away").ShouldBe([service]);
        doctor.Listeners("application-not-reading").ShouldBe([deaf.Listener]);
        Title(doctor, "connect-unanswered").ShouldBe("10.99.0.1:5432 does not answer connection requests");
        Title(doctor, "connections-lost").ShouldContain(" of ");
        doctor.Result.ExitCode.ShouldBe(Warnings);
    }

    /// <summary>
    /// A short restart, a job that closes its connections normally, two clients of a dead host, refused connections, and a
    /// few slow readers.
    /// </summary>
    private static void LookAlikes()
    {
        using var ns = NetNamespace.Create();
        var visitors = new Visitors(ns);
        using var outside = visitors.Outside;
        using var held = visitors;
        visitors.Listen(Service);
        var upstream = new UnansweredConnects(ns);
        using var nowhere = upstream.Nowhere;
        using var waiting = upstream;
        using var job = new AcceptedConnections(ns, 80);
        using var slow = new NeverRead(ns, 9);
        using var refused = new RefusedConnects(ns);

        var doctor = Doctor.ExamineDuring(ns, Watch, () =>
        {
            upstream.Try(2, rounds: 1);
            During(Before, () => new OrdinaryConnections(ns, 20).Dispose());
            job.Leave();
            visitors.StopListening();
            visitors.Connect(Service, 5);
            visitors.Listen(Service);
            visitors.Connect(Service, 3);
            visitors.Accept(3);
            During(After, () =>
            {
                refused.Try(2);
                new OrdinaryConnections(ns, 20).Dispose();
            });
        });

        doctor.Found.ShouldBeEmpty(doctor.Result.Output);
    }

    private static string Title(Doctor doctor, string id) => doctor.Finding(id).GetProperty("title").GetString()!;

    private static void During(TimeSpan time, Action round)
    {
        var pace = TimeSpan.FromMilliseconds(200);
        for (var started = Stopwatch.StartNew(); started.Elapsed < time;)
        {
            round();
            Thread.Sleep(pace);
        }
    }
}
