using System.Collections.Concurrent;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

/// <summary>Which unit an AF_UNIX listener is said to belong to, with the right to look at other processes and without.</summary>
public sealed class UnixOwnersTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly string _procfs = Directory.CreateTempSubdirectory("owners").FullName;

    public UnixOwnersTests() => Process(1, "/init.scope", "socket:[1]");

    public void Dispose() => Directory.Delete(_procfs, recursive: true);

    [Fact]
    public void The_unit_of_the_process_that_holds_the_socket_is_told_at_the_first_look_where_it_is_awaited()
    {
        Process(20, "/system.slice/php8.2-fpm.service", "socket:[77]");
        var table = Table(isAwaited: true);
        Look(table, 77).ShouldBe("php8.2-fpm.service");
    }

    [Fact]
    public void Nobody_is_named_where_processes_of_others_may_not_be_looked_at()
    {
        Directory.Delete(Path.Combine(_procfs, "1"), recursive: true);
        Process(20, "/system.slice/php8.2-fpm.service", "socket:[77]");
        Look(Table(isAwaited: true), 77).ShouldBe("");
    }

    [Fact]
    public void A_socket_that_nobody_holds_has_no_unit() => Look(Table(isAwaited: true), 99).ShouldBe("");

    /// <summary>The tick does not wait for the walk, and no series is made that would have another name a moment later.</summary>
    [Fact]
    public void In_a_daemon_the_row_comes_with_its_unit_once_the_walk_has_ended()
    {
        Process(20, "/system.slice/docker.service", "socket:[77]");
        var table = Table(isAwaited: false);
        var seen = new ConcurrentBag<string?>();
        SpinWait.SpinUntil(
            () =>
            {
                var unit = Look(table, 77);
                seen.Add(unit);
                return unit is not null;
            },
            TimeSpan.FromMinutes(1)).ShouldBeTrue();
        seen.Where(unit => unit is not null).ShouldBe(["docker.service"]);
    }

    [Fact]
    public void A_restarted_service_keeps_its_name_and_another_that_takes_the_path_gets_its_own()
    {
        Process(20, "/system.slice/php8.2-fpm.service", "socket:[77]");
        var table = Table(isAwaited: true);
        Look(table, 77).ShouldBe("php8.2-fpm.service");
        Directory.Delete(Path.Combine(_procfs, "20"), recursive: true);
        Process(30, "/system.slice/php8.4-fpm.service", "socket:[78]");
        _time.Advance(TimeSpan.FromSeconds(30));
        Look(table, 78).ShouldBe("php8.4-fpm.service");
    }

    /// <summary>A walk that does not become due in time leaves the row without a unit rather than away.</summary>
    [Fact]
    public void A_row_does_not_wait_for_its_unit_forever()
    {
        Process(20, "/system.slice/docker.service", "socket:[77]", "socket:[78]");
        var pace = new ReadingPace(TimeSpan.FromHours(1), _time, static () => TimeSpan.Zero);
        var table = new UnixTable(64, TimeSpan.FromSeconds(60), new UnixOwners(_procfs, pace, isAwaited: true));
        Look(table, 77).ShouldBe("docker.service");
        Look(table, 77, 78).ShouldBe("docker.service");
        Unit(table, "/run/78.sock").ShouldBeNull();
        _time.Advance(UnixOwners.Patience);
        Look(table, 77, 78).ShouldBe("docker.service");
        Unit(table, "/run/78.sock").ShouldBe("");
    }

    private static string? Unit(UnixTable table, string path)
    {
        var rows = new ValueList<UnixSample>();
        table.CopyTo(rows);
        return rows.Span.ToArray().Where(row => row.Identity.Path == path).Select(row => row.Identity.Unit).SingleOrDefault();
    }

    private UnixTable Table(bool isAwaited) =>
        new(64, TimeSpan.FromSeconds(60), new UnixOwners(_procfs, new ReadingPace(UnixOwners.PaceOfDaemon, _time, static () => TimeSpan.Zero), isAwaited));

    /// <summary>A socket of one name, and others of their own.</summary>
    private string? Look(UnixTable table, uint inode, params uint[] others)
    {
        table.Begin();
        table.Add(new UnixSocket { Name = "/run/a.sock\0"u8, State = TcpState.Listen, HasQueue = true, QueueLimit = 8, Inode = inode });
        foreach (var other in others)
        {
            table.Add(new UnixSocket { Name = System.Text.Encoding.ASCII.GetBytes($"/run/{other}.sock"), State = TcpState.Listen, HasQueue = true, QueueLimit = 8, Inode = other });
        }

        table.Observe(_time.GetElapsedTime(0));
        return Unit(table, "/run/a.sock");
    }

    private void Process(int pid, string cgroup, params string[] sockets)
    {
        var folder = Path.Combine(_procfs, $"{pid}");
        Directory.CreateDirectory(Path.Combine(folder, "fd"));
        File.WriteAllText(Path.Combine(folder, "cgroup"), $"1:name=systemd:/elsewhere\n0::{cgroup}\n");
        for (var i = 0; i < sockets.Length; i++)
        {
            File.CreateSymbolicLink(Path.Combine(folder, "fd", $"{i}"), sockets[i]);
        }
    }
}
