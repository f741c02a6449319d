using System.ComponentModel;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.Kernel.Linux;
using Xunit;
using NetNamespace = TcpStatExporter.Testing.Lab.NetNamespace;

namespace TcpStatExporter.EndToEnd.Namespaces;

/// <summary>The opener on the real kernel, as its unit runs it: a user without a right, and the two capabilities.</summary>
public sealed class OpenerTests : IDisposable
{
    private const int Port = 8123;
    private const int OpenersUser = 65_530;
    private const int ClientsUser = 65_532;
    private const int StrangersUser = 65_533;

    private const UnixFileMode OwnerAndGroup = (UnixFileMode)0b110_110_000;

    private const int Esrch = 3;
    private const int Einval = 22;
    private const int Eproto = 71;

    private const string Listener = "socket(my $s, AF_INET, SOCK_STREAM, 0); bind($s, pack_sockaddr_in($ARGV[0], INADDR_LOOPBACK)) and listen($s, 5) or die $!; print \"listens\\n\"; close STDOUT; sleep 600";

    private static readonly string Script = Repository.Path("tests/TcpStatExporter.EndToEnd/Namespaces/ask-opener.pl");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-opener-");
    private readonly PublicCopy _copy = new();
    private readonly List<ChildProcess> _started = [];

    public OpenerTests()
    {
        Requires.RootAndIp();
        Requires.Program("perl");
        Requires.Program("setpriv");
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_111_111);
        File.Copy(Script, PublicScript);
    }

    private string SocketPath => Path.Combine(_folder.FullName, "opener.sock");

    private string PublicScript => Path.Combine(_folder.FullName, "ask-opener.pl");

    public void Dispose()
    {
        _started.ForEach(process => process.Dispose());
        _copy.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_client_without_a_right_lists_the_listeners_of_another_namespace_and_cannot_close_them()
    {
        StartOpener([$"--client-uid={ClientsUser}"]);
        var listener = StartListener("unshare", "--net");

        Ask(ClientsUser, listener.Id, Port).ShouldBe($"ports {Port}\ndestroy errno 1\n");
        Ask(ClientsUser, Environment.ProcessId).ShouldStartWith("ports ");

        // root may close it, and so the refusal above is one
        Ask(user: 0, listener.Id, Port).ShouldStartWith($"ports {Port}\ndestroy errno ");
    }

    [Fact]
    public void So_it_does_in_a_namespace_of_a_rootless_container()
    {
        StartOpener([$"--client-uid={ClientsUser}"]);
        var listener = StartListener("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "unshare", "--user", "--map-root-user", "--net");

        Ask(ClientsUser, listener.Id, Port).ShouldBe($"ports {Port}\ndestroy errno 1\n");
    }

    /// <summary>
    /// As in the DaemonSet: root with no other capability and the group of the exporter, which may therefore connect. The socket
    /// keeps its mode.
    /// </summary>
    [Fact]
    public void In_a_pod_it_runs_as_root_and_serves_the_group_of_the_exporter()
    {
        StartOpener(
            ["--reuid=0", $"--regid={ClientsUser}", "--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all,+sys_admin,+sys_ptrace"],
            [$"--client-uid={ClientsUser}"]);
        AllowAll(isAllowed: false);
        var listener = StartListener("unshare", "--net");

        Ask(ClientsUser, listener.Id, Port).ShouldBe($"ports {Port}\ndestroy errno 1\n");
        Ask(StrangersUser, listener.Id).ShouldBe("connect: Permission denied\n");
    }

    [Fact]
    public void A_stranger_is_refused_by_the_socket_and_by_the_opener()
    {
        var opener = StartOpener([$"--client-uid={ClientsUser}"]);

        AllowAll(isAllowed: false);
        Ask(StrangersUser, Environment.ProcessId).ShouldBe("connect: Permission denied\n");

        AllowAll(isAllowed: true);
        const int Times = 10;
        for (var i = 0; i < Times; i++)
        {
            Ask(StrangersUser, Environment.ProcessId).ShouldBe("refused\n");
        }

        Ask(ClientsUser, Environment.ProcessId).ShouldStartWith("ports ");
        Wait.Until(() => opener.Error.EndsWith('\n'), () => "a line of it");
        var lines = opener.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBeLessThan(Times, "one in ten seconds");
        lines.ShouldAllBe(line => line.StartsWith("tcpstat-exporter: Refused a client: pid ", StringComparison.Ordinal) && line.EndsWith($", user {StrangersUser}.", StringComparison.Ordinal));
    }

    /// <summary>As systemd names it. On the booted machine, the real unit asks.</summary>
    [Theory]
    [InlineData("system.slice/tcpstat-test.service", true)]
    [InlineData("system.slice/tcpstat-test.service2", false)]
    [InlineData("user.slice/tcpstat-test.service", false)]
    public void Processes_of_the_unit_may_ask(string cgroup, bool expected)
    {
        StartOpener(["--client-unit=tcpstat-test.service"]);
        using var pod = new LabPod(cgroup);

        var answer = ChildProcess.Run(
            "sh",
            ["-c", $"echo $$ >\"$0\" && exec setpriv --reuid={StrangersUser} --clear-groups perl {PublicScript} {SocketPath} {pod.Pid}", pod.Processes]).Output;

        answer.ShouldStartWith(expected ? "ports " : "refused");
    }

    /// <summary>
    /// The pid of a client that has ended may be that of a process of the unit by now. Here the process itself changes its user
    /// between connect(2) and the opener's look.
    /// </summary>
    [Theory]
    [InlineData(StrangersUser, true)]
    [InlineData(ClientsUser, false)]
    public void A_process_of_the_unit_with_another_user_than_the_client_does_not_count(int later, bool expected)
    {
        var opener = StartOpener(["--client-unit=tcpstat-test.service"]);
        using var pod = new LabPod("system.slice/tcpstat-test.service");
        opener.Signal(Libc.SigStop);

        var client = ChildProcess.Start(
            "sh",
            ["-c", $"echo $$ >\"$0\" && exec perl {PublicScript} {SocketPath} {pod.Pid}", pod.Processes],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["USERS"] = $"{StrangersUser} {later}" });
        _started.Add(client);
        Wait.Until(() => client.Output.Contains("connected\n", StringComparison.Ordinal), () => client.Error);
        opener.Signal(Libc.SigCont);

        client.WaitForExit(TimeSpan.FromMinutes(1));
        client.Output.ShouldStartWith(expected ? "connected\nports " : "connected\nrefused\n");
    }

    [Fact]
    public void Malformed_requests_get_an_error_and_leave_nothing_open()
    {
        var opener = StartOpener([]);
        using var connection = new OpenerConnection(SocketPath);
        using var self = OpenerConnection.Open(Environment.ProcessId);
        using var file = File.OpenHandle("/dev/null");
        using var ns = File.OpenHandle("/proc/self/ns/net");
        connection.Ask(Environment.ProcessId, out var first).ShouldBe(0);
        first!.Dispose();
        var open = Descriptors(opener);

        Expect(Eproto, [1]);
        Expect(Eproto, [1], self, self);
        Expect(Eproto, [1], Enumerable.Repeat(self, 3).ToArray());
        Expect(Eproto, [1], Enumerable.Repeat(self, OpenerConnection.MaxFiles).ToArray());
        Expect(Eproto, [0], self);
        Expect(Eproto, [2], self);
        Expect(Eproto, [1, 1], self);
        Expect(Eproto, new byte[60_000], self);
        Expect(Einval, [1], file);
        Expect(Einval, [1], ns);
        using (var ended = EndedProcess())
        {
            Expect(Esrch, [1], ended);
        }

        // the runtime may have closed some of its own since
        Wait.Until(() => Descriptors(opener) <= open, () => $"at most {open} descriptors, not {Descriptors(opener)}");
        open = Descriptors(opener);
        connection.Ask(Environment.ProcessId, out var last).ShouldBe(0, "it goes on serving");
        last!.Dispose();

        // nothing but descriptors: the opener takes it for the end of the connection, and closes both
        connection.Send([], self, self);
        connection.Receive(out _).ShouldBeNull();
        Wait.Until(() => Descriptors(opener) < open, () => $"fewer than {open} descriptors, not {Descriptors(opener)}");
        opener.HasExited.ShouldBeFalse();

        void Expect(int errno, byte[] data, params SafeFileHandle[] files)
        {
            connection.Send(data, files);
            connection.Receive(out var socket).ShouldBe(errno);
            socket.ShouldBeNull();
        }
    }

    [Fact]
    public void The_opener_keeps_no_namespace_alive()
    {
        var opener = StartOpener([]);
        using var ns = NetNamespace.Create();
        using var connection = new OpenerConnection(SocketPath);
        using var first = Linked("t1");
        using var second = Linked("t2");
        for (var i = 0; i < 50; i++)
        {
            connection.Ask(first.Id, out var socket).ShouldBe(0);
            socket!.Dispose();
        }

        connection.Ask(second.Id, out var held).ShouldBe(0);
        second.Dispose();
        first.Dispose();
        Wait.Until(() => !HasLink("t1"), () => "the namespace ends with its process");

        // what a client holds keeps a namespace, which shows that the test would see it
        HasLink("t2").ShouldBeTrue();
        held!.Dispose();
        Wait.Until(() => !HasLink("t2"), () => "the namespace ends with its last socket");
        HomeOf(opener).ShouldHaveSingleItem().ShouldBe(Link("/proc/self/ns/net"), "all of its threads are at home");

        ChildProcess Linked(string link)
        {
            var process = ChildProcess.Start("unshare", ["--net", "sleep", "600"]);
            _started.Add(process);
            Wait.Until(() => Link($"/proc/{process.Id}/ns/net") != Link("/proc/self/ns/net"), () => "a namespace");
            ChildProcess.Run("ip", ["-netns", ns.Name, "link", "add", link, "type", "veth", "peer", "name", "t", "netns", process.Id.ToString(CultureInfo.InvariantCulture)]).Checked();
            return process;
        }

        bool HasLink(string link) => ns.Run(() => File.ReadAllText("/proc/thread-self/net/dev")).Contains($"{link}:", StringComparison.Ordinal);
    }

    [Fact]
    public void Silent_clients_do_not_keep_others_out()
    {
        var opener = StartOpener([]);
        var open = Descriptors(opener);
        var silent = Enumerable.Range(0, 20).Select(_ => new OpenerConnection(SocketPath)).ToArray();
        using var connection = new OpenerConnection(SocketPath);

        connection.Ask(Environment.ProcessId, out var socket).ShouldBe(0);

        socket!.Dispose();
        Array.ForEach(silent, each => each.Dispose());
        Wait.Until(() => Descriptors(opener) <= open + 1, () => "all of them are gone");
    }

    [Fact]
    public void If_systemd_started_it_it_ends_when_nobody_asks_any_more()
    {
        using var listener = OpenerServer.Listen(SocketPath, out var descriptor);
        using var opener = new OpenerServer(unit: null, user: null, (_, _) => { });
        var served = -1;
        var thread = new Thread(() => served = opener.Serve(descriptor, idle: TimeSpan.FromMilliseconds(100)));
        using (var connection = new OpenerConnection(SocketPath))
        {
            thread.Start();
            connection.Ask(Environment.ProcessId, out var socket).ShouldBe(0);
            socket!.Dispose();
        }

        thread.Join(TimeSpan.FromMinutes(1)).ShouldBeTrue();
        served.ShouldBe(0);
    }

    [Fact]
    public void It_takes_the_place_of_one_that_was_killed_but_not_of_one_that_runs()
    {
        var first = StartOpener([]);
        Refusal().ShouldBe((1, $"tcpstat-exporter: --socket={SocketPath}: Address already in use.\n"));
        first.Signal(Libc.SigKill);
        first.WaitForExit(TimeSpan.FromMinutes(1));
        File.Exists(SocketPath).ShouldBeTrue("it could not remove it");

        var second = StartOpener([]);
        Ask(user: 0, Environment.ProcessId).ShouldStartWith("ports ");
        second.Signal(Libc.SigTerm);
        second.WaitForExit(TimeSpan.FromMinutes(1)).ShouldBe(0, second.Error);
        File.Exists(SocketPath).ShouldBeFalse();

        File.WriteAllText(SocketPath, "mine");
        Refusal().ShouldBe((1, $"tcpstat-exporter: --socket={SocketPath}: Address already in use.\n"));
        File.ReadAllText(SocketPath).ShouldBe("mine");

        (int, string) Refusal()
        {
            var result = ChildProcess.Run("setpriv", Command(AsOpener, []));
            return (result.ExitCode, result.Error);
        }
    }

    [Fact]
    public void Without_capabilities_it_says_what_it_needs()
    {
        var result = ChildProcess.Run("setpriv", Command([$"--reuid={OpenersUser}", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"], []));

        (result.ExitCode, result.Error).ShouldBe((1, "tcpstat-exporter: Cannot enter network namespaces: Operation not permitted. The opener needs CAP_SYS_ADMIN and CAP_SYS_PTRACE.\n"));
    }

    private static string[] AsOpener =>
    [
        $"--reuid={OpenersUser}", $"--regid={OpenersUser}", "--clear-groups", "--no-new-privs",
        "--inh-caps=-all,+sys_admin,+sys_ptrace", "--ambient-caps=-all,+sys_admin,+sys_ptrace", "--bounding-set=-all,+sys_admin,+sys_ptrace",
    ];

    private static int Descriptors(ChildProcess opener) => Directory.GetFileSystemEntries($"/proc/{opener.Id}/fd").Length;

    private static string? Link(string path) => new FileInfo(path).LinkTarget;

    private static string?[] HomeOf(ChildProcess opener) =>
        [.. Directory.GetDirectories($"/proc/{opener.Id}/task").Select(task => Link($"{task}/ns/net")).Distinct(StringComparer.Ordinal)];

    private static SafeFileHandle EndedProcess()
    {
        using var process = ChildProcess.Start("sleep", ["600"]);
        var pidfd = OpenerConnection.Open(process.Id);
        process.Dispose();
        return pidfd;
    }

    private ChildProcess StartOpener(string[] arguments) => StartOpener(AsOpener, arguments);

    private ChildProcess StartOpener(string[] privileges, string[] arguments)
    {
        var opener = ChildProcess.Start("setpriv", Command(privileges, arguments), new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOTNET_EnableDiagnostics"] = "0" });
        _started.Add(opener);
        Wait.Until(
            () =>
            {
                if (opener.HasExited)
                {
                    throw new InvalidOperationException(opener.Error);
                }

                try
                {
                    using var connection = new OpenerConnection(SocketPath);
                    return connection.Ask(Environment.ProcessId, out var socket) == 0 && Closed(socket);
                }
                catch (Exception e) when (e is System.Net.Sockets.SocketException or Win32Exception)
                {
                    return false;
                }
            },
            () => opener.Error);
        File.GetUnixFileMode(SocketPath).ShouldBe(OwnerAndGroup);
        AllowAll(isAllowed: true);
        return opener;
    }

    private static bool Closed(SafeFileHandle? socket)
    {
        socket?.Dispose();
        return socket is not null;
    }

    /// <summary>The socket is the opener's and its group's; a test opens it to the users that the opener then judges.</summary>
    private void AllowAll(bool isAllowed) => File.SetUnixFileMode(SocketPath, isAllowed ? (UnixFileMode)0b110_110_110 : OwnerAndGroup);

    private string[] Command(string[] privileges, string[] arguments) =>
        [.. privileges, "--", .. ExporterProcess.CommandLine(_copy, ["opener", $"--socket={SocketPath}", .. arguments])];

    private ChildProcess StartListener(params string[] launcher)
    {
        var process = ChildProcess.Start(launcher[0], [.. launcher[1..], "sh", "-c", $"ip link set lo up && exec perl -MSocket -e '{Listener}' {Port}"]);
        _started.Add(process);
        Wait.Until(() => process.Output.Length > 0, () => process.Error);
        return process;
    }

    private string Ask(int user, int process, params int[] port)
    {
        string[] command = ["perl", PublicScript, SocketPath, process.ToString(CultureInfo.InvariantCulture), .. port.Select(each => each.ToString(CultureInfo.InvariantCulture))];
        return (user == 0 ? ChildProcess.Run(command[0], command[1..]) : ChildProcess.Run("setpriv", [$"--reuid={user}", $"--regid={user}", "--clear-groups", .. command])).Output;
    }
}
