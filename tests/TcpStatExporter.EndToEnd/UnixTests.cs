using System.Globalization;
using System.Net.Sockets;
using Shouldly;
using TcpStatExporter.EndToEnd.Advisor;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>AF_UNIX listeners of a namespace, against what the kernel does to their clients and what ss says.</summary>
public sealed class UnixTests
{
    private const string Fast = "--sample.interval=100ms";
    private const int Many = 10_000;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_queue_of_listen_8_holds_9_of_20_clients_and_is_told(bool asNobody, bool isAbstract)
    {
        using var ns = NetNamespace.Create();
        using var elsewhere = NetNamespace.Create();
        using var other = new UnixQueue(elsewhere, backlog: 100, isAbstract);
        using var queue = new UnixQueue(ns, backlog: 8, isAbstract);
        using var exporter = ExporterProcess.Start(ns, asNobody, arguments: [Fast, "--source=netlink"]);
        Wait.Until(() => Value(exporter, "tcpstat_unix_listen_queue_length", queue) == 0, () => $"{queue.Path}, with nobody in its queue");

        queue.Connect(20).ShouldBe(11, "EAGAIN");
        Wait.Until(() => Value(exporter, "tcpstat_unix_listen_queue_length", queue) == 9, () => "nine that wait");
        Value(exporter, "tcpstat_unix_listen_queue_limit", queue).ShouldBe(8);
        Value(exporter, "tcpstat_unix_listen_queue_peak", queue).ShouldBe(9);
        Value(exporter, "tcpstat_unix_listen_queue_fill_ratio_peak", queue).ShouldBe(1.125);
        ns.Exec("ss", "-Hxl").Checked().Split('\n').ShouldContain(line => line.Contains(queue.Path, StringComparison.Ordinal) && line.Contains(" 9 ", StringComparison.Ordinal));
        Wait.Until(
            () => exporter.Scrape().Value("tcpstat_finding", ("id", "unix-queue-full"), ("severity", "warning")) == 1, () => "a finding");

        queue.Drain();
        Wait.Until(() => Value(exporter, "tcpstat_unix_listen_queue_length", queue) == 0, () => "an empty queue");
        Value(exporter, "tcpstat_unix_listen_queue_peak", queue).ShouldBe(9, "for the rest of the minute");
        var scrape = exporter.Scrape();
        scrape.Samples("tcpstat_unix_listen_queue_limit").ShouldNotContain(sample => sample.Labels["path"] == other.Path);
        scrape.Value("tcpstat_source_up", ("source", "unix")).ShouldBe(1);
        scrape.Value("tcpstat_unix_listeners_not_exported").ShouldBe(0);
    }

    /// <summary>Root may look at what processes hold, nobody may not.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_unit_is_that_of_the_process_that_holds_the_socket_where_it_can_be_told(bool asNobody)
    {
        using var ns = NetNamespace.Create();
        using var unit = new ServiceUnit("php-fpm");
        Assert.SkipWhen(unit.Name.Length == 0, "no cgroup2 hierarchy can be written");
        using var queue = new UnixQueue(ns);

        // this process holds it, and is in the unit meanwhile
        unit.Run(() =>
        {
            using var exporter = ExporterProcess.Start(ns, asNobody, arguments: [Fast]);
            Wait.Until(() => Value(exporter, "tcpstat_unix_listen_queue_limit", queue) == 8, () => "the listener");
            exporter.Scrape().Samples("tcpstat_unix_listen_queue_limit").Single(sample => sample.Labels["path"] == queue.Path).Labels["unit"].ShouldBe(asNobody ? "" : unit.Name);
            return 0;
        });
    }

    [Fact]
    public void Doctor_names_the_path_whose_queue_is_full()
    {
        using var ns = NetNamespace.Create();
        using var queue = new UnixQueue(ns);
        queue.Connect(9);
        var doctor = Doctor.Examine(ns);
        doctor.Finding("unix-queue-full").GetProperty("title").GetString().ShouldStartWith($"The accept queue of {queue.Path}");
        doctor.Result.ExitCode.ShouldBe(1);

        queue.Drain();
        queue.Connect(8).ShouldBe(0);
        Doctor.Examine(ns).Found.ShouldNotContain("unix-queue-full", StringComparer.Ordinal, "there is room for one");
    }

    [Theory]
    [InlineData("--unix-listeners=off")]
    [InlineData("--source=procfs")]
    public void Where_they_are_not_read_there_is_nothing_of_them(string argument)
    {
        using var ns = NetNamespace.Create();
        using var queue = new UnixQueue(ns);
        using var exporter = ExporterProcess.Start(ns, arguments: [Fast, argument]);
        var scrape = exporter.ScrapeFresh();
        scrape.Samples("tcpstat_unix_listen_queue_length").ShouldBeEmpty();
        scrape.Samples("tcpstat_unix_listeners_not_exported").ShouldBeEmpty();
        scrape.Samples("tcpstat_source_up").ShouldNotContain(sample => sample.Labels["source"] == "unix");
    }

    /// <summary>Whoever makes thousands of listeners gets no thousands of series, and does not hide the one that is full.</summary>
    [Fact]
    public void Ten_thousand_listeners_have_64_series_and_the_busy_one_is_among_them()
    {
        using var ns = NetNamespace.Create();
        var idle = new List<Socket>(Many);
        try
        {
            ns.Run(() =>
            {
                for (var i = 0; i < Many; i++)
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    idle.Add(socket);
                    socket.Bind(new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"\0tcpstat/idle/{i}")));
                    socket.Listen(8);
                }
            });
            using var queue = new UnixQueue(ns);
            using var exporter = ExporterProcess.Start(ns, arguments: [Fast]);
            queue.Connect(20);
            Wait.Until(() => Value(exporter, "tcpstat_unix_listen_queue_length", queue) == 9, () => "the busy one");
            var scrape = exporter.Scrape();
            scrape.Samples("tcpstat_unix_listen_queue_length").Count.ShouldBe(64);

            // the exporter's own diagnostics may be one more
            scrape.Value("tcpstat_unix_listeners_not_exported").ShouldBeInRange(Many + 1 - 64, Many + 2 - 64);
            scrape.Value("process_resident_memory_bytes").ShouldBeLessThan(150e6);
            scrape.Value("tcpstat_source_up", ("source", "unix")).ShouldBe(1);
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }
    }

    private static double Value(ExporterProcess exporter, string name, UnixQueue queue) => exporter.Scrape().Samples(name)
        .Where(sample => sample.Labels["path"] == queue.Path)
        .Select(sample => sample.Value)
        .DefaultIfEmpty(-1)
        .Single();
}
