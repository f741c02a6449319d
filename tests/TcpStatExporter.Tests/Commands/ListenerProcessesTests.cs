using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Commands;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Tests.View;
using Xunit;

namespace TcpStatExporter.Tests.Commands;

/// <summary>If no cgroup shows the owner of a listener, doctor and top name its processes, like ss -p.</summary>
public sealed class ListenerProcessesTests
{
    [Fact]
    public void A_listener_without_unit_is_named_by_its_process_and_its_labels_do_not_change()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(8);
        var port = (ushort)((IPEndPoint)socket.LocalEndPoint!).Port;
        var link = new FileInfo($"/proc/self/fd/{socket.Handle.ToString(CultureInfo.InvariantCulture)}").LinkTarget!;
        var inode = ulong.Parse(link["socket:[".Length..^1], CultureInfo.InvariantCulture);
        var host = new WatchedHost();
        host.Listen("127.0.0.1", port);
        host.Listen("127.0.0.1", 9, "known.service");
        host.Sample.Kernel.Listeners.Add(new ListenerSocket { Address = Support.Listeners.Ip("127.0.0.1"), Port = port, Inode = inode });
        host.Sample.Kernel.Listeners.Add(new ListenerSocket { Address = Support.Listeners.Ip("127.0.0.1"), Port = 9, Inode = inode });
        host.Tick();

        new ListenerProcesses(host.Store, "/proc").Find();

        var identity = host.Sample.Listeners[0].Identity;
        var process = $"[{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}]";
        identity.Processes.ShouldEndWith(process);
        Words.Name(identity).ShouldBe($"127.0.0.1:{port} ({identity.Processes})");
        Support.RenderedPage.Of(host.Store).Text.ShouldNotContain(process);
        host.View.Listeners!.Single(listener => listener.Identity.Port == 9).Identity.Processes.ShouldBe("");
        host.Tick(sample => WatchedHost.Queue(sample, 0, 129, lost: 40)).View.Verdict.Text.ShouldBe($"127.0.0.1:{port} ({identity.Processes}) is losing connections");
    }
}
