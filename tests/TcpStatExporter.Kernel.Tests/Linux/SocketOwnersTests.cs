using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Linux;

public sealed class SocketOwnersTests
{
    [Fact]
    public void This_process_holds_its_own_sockets()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var link = new FileInfo($"/proc/self/fd/{socket.Handle.ToString(CultureInfo.InvariantCulture)}").LinkTarget!;
        var inode = ulong.Parse(link["socket:[".Length..^1], CultureInfo.InvariantCulture);

        var owners = SocketOwners.Find("/proc", new HashSet<ulong> { inode });

        var name = owners[inode].ShouldHaveSingleItem();
        name.ShouldEndWith($"[{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}]");
        name.ShouldStartWith(File.ReadAllText("/proc/self/comm").TrimEnd('\n'));
    }

    /// <summary>
    /// A worker that inherited the socket counts too. Anything that is not a process, not a socket, or not requested does
    /// not.
    /// </summary>
    [Fact]
    public void Every_process_that_holds_a_socket_is_named_once()
    {
        using var root = new TemporaryFolder();
        Process(20, "nginx", "socket:[77]", "socket:[77]", "/dev/null");
        Process(3, "nginx", "socket:[77]", "socket:[78]");
        Process(4, "other", "pipe:[77]", "socket:[x]", "socket:[");
        Directory.CreateDirectory(root.PathOf("self"));
        Directory.CreateDirectory(root.PathOf("55"));

        var owners = SocketOwners.Find(root.PathOf("."), new HashSet<ulong> { 77, 79 });

        owners.Keys.ShouldBe([77UL]);
        owners[77].ShouldBe(["nginx[3]", "nginx[20]"]);
        SocketOwners.Find(root.PathOf("nowhere"), new HashSet<ulong> { 77 }).ShouldBeEmpty();

        void Process(int pid, string command, params string[] targets)
        {
            var folder = Directory.CreateDirectory(root.PathOf(Path.Combine(pid.ToString(CultureInfo.InvariantCulture), "fd"))).FullName;
            File.WriteAllText(Path.Combine(folder, "../comm"), command + "\n");
            for (var i = 0; i < targets.Length; i++)
            {
                File.CreateSymbolicLink(Path.Combine(folder, i.ToString(CultureInfo.InvariantCulture)), targets[i]);
            }
        }
    }

    /// <summary>systemd holds the sockets of the services that it starts by them.</summary>
    [Fact]
    public void The_unit_is_that_of_a_process_that_holds_the_socket_and_of_process_1_only_if_nobody_else_does()
    {
        using var root = new TemporaryFolder();
        Process(1, "/init.scope", 77, 79);
        Process(20, "/system.slice/docker.service", 77);
        Process(21, "/system.slice/other.service", 77, 78);
        Process(22, "/user.slice", 80);
        Process(23, null, 81);

        var units = SocketOwners.FindUnits(root.PathOf("."), new HashSet<ulong> { 77, 79, 80, 81, 99 });

        units.ShouldBe(new Dictionary<ulong, string> { [77] = "docker.service", [79] = "init.scope", [80] = "", [81] = "" }, ignoreOrder: true);
        SocketOwners.MayLook(root.PathOf(".")).ShouldBeTrue();
        SocketOwners.MayLook(root.PathOf("nowhere")).ShouldBeFalse();

        void Process(int pid, string? cgroup, params int[] inodes)
        {
            var folder = Directory.CreateDirectory(root.PathOf(Path.Combine(pid.ToString(CultureInfo.InvariantCulture), "fd"))).FullName;
            if (cgroup is not null)
            {
                File.WriteAllText(Path.Combine(folder, "../cgroup"), $"4:memory:/other.service\n0::{cgroup}\n");
            }

            foreach (var inode in inodes)
            {
                File.CreateSymbolicLink(Path.Combine(folder, inode.ToString(CultureInfo.InvariantCulture)), $"socket:[{inode.ToString(CultureInfo.InvariantCulture)}]");
            }
        }
    }
}
