using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.SockDiag;
using Xunit;
using EveryState = TcpStatExporter.Testing.Lab.EveryState;
using LabNamespace = TcpStatExporter.Testing.Lab.NetNamespace;

namespace TcpStatExporter.Kernel.Tests.Netlink;

/// <summary>
/// Records replies of this kernel, like the fixtures in tests/Fixtures/sockdiag, and compares them with ss. TCPSTAT_REWRITE=1
/// saves them as the fixtures.
/// </summary>
public class Recorder
{
    private static readonly bool Rewrites = Environment.GetEnvironmentVariable("TCPSTAT_REWRITE") == "1";

    [Fact]
    public void Recorded_reply_matches_ss()
    {
        Namespace.Run(space =>
        {
            Save(space, "empty", InetDiagRequest.Full, "-a");
            using var sockets = new EveryState(space);
            Save(space, "every-state", InetDiagRequest.Full, "-a");
            Save(space, "every-state.filtered", InetDiagRequest.Filtered, "-a", "exclude", "established", "exclude", "time-wait");
            Save(space, "every-state.listeners", InetDiagRequest.Listeners, "-l");
            for (var i = 0; i < 250; i++)
            {
                sockets.Listen(IPAddress.IPv6Loopback, backlog: 1);
            }

            Save(space, "many-listeners", InetDiagRequest.Listeners, "-l");
        });
        if (!Rewrites)
        {
            return;
        }

        File.WriteAllText(
            Path.Combine(Recorded.Folder, "host.txt"),
            string.Create(CultureInfo.InvariantCulture, $"""
                kernel   Linux {Environment.OSVersion.Version.ToString(3)} {RuntimeInformation.OSArchitecture}
                date     {DateTime.UtcNow:yyyy-MM-dd}
                commands TCPSTAT_REWRITE=1 dotnet test tests/TcpStatExporter.Kernel.Tests --filter Recorder
                sockets  those of EveryState, in a network namespace of their own; many-listeners: 250 more
                *.bin    the datagrams of one reply, one after another, as root
                *.ss.txt what ss -Htn with -a or -l, and a state filter, printed right after

                """));
    }

    private static void Save(LabNamespace space, string name, InetDiagRequest request, params string[] selection)
    {
        NetlinkTransport.Open(out var transport).ShouldBe(0);
        using (transport)
        {
            var message = new byte[InetDiagRequest.Size];
            request.Write(message, Recorded.Sequence);
            transport!.Send(message).ShouldBe(0);
            using var recording = new MemoryStream();
            var buffer = new byte[32 * 1024];
            var sockets = 0;
            ReplyResult result;
            do
            {
                transport.Receive(buffer, out var length, out _).ShouldBe(0);
                recording.Write(buffer, 0, length);
                sockets += Recorded.Sockets(buffer.AsSpan(0, length), out result).Count;
            }
            while (result.Status == ReplyStatus.More);

            result.Status.ShouldBe(ReplyStatus.Done);
            var shown = space.Exec("ss", ["-Htn", .. selection]).Checked();
            sockets.ShouldBe(shown.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            if (!Rewrites)
            {
                return;
            }

            File.WriteAllBytes(Path.Combine(Recorded.Folder, name + ".bin"), recording.ToArray());
            File.WriteAllText(Path.Combine(Recorded.Folder, name + ".ss.txt"), shown);
        }
    }
}
