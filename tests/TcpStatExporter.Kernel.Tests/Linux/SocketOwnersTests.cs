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
}
