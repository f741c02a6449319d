using System.Text.Json;
using Shouldly;
using TcpStatExporter.EndToEnd.Advisor;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd.Top;

/// <summary>The live screen on a real pseudo-terminal, with a listener that loses connections on the real kernel.</summary>
public sealed class TopTests
{
    private const int SigHangUp = 1;
    private const int SigInterrupt = 2;
    private const int SigTerminalStop = 20;

    [Fact]
    public void Names_the_listener_and_its_owner_and_obeys_keys_and_size()
    {
        using var ns = NetNamespace.Create();
        using var hung = new HungListener(ns, clients: 600);
        using var clients = new RestlessClients(ns, hung.Listener);
        using var top = new TopOnTerminal(ns);
        var terminal = top.Terminal;

        terminal.WaitFor($"CRITICAL  {hung.Listener} ({hung.Unit}) is losing connections");
        terminal.WaitUntil(
            screen => screen.Lines.Where(line => line.StartsWith($"!! {hung.Listener}", StringComparison.Ordinal)).ToArray() is [var row] && row.Contains(hung.Unit[..12], StringComparison.Ordinal),
            "one row of the listener, with its owner");
        terminal.WaitFor("TcpExtListenOverflows");

        terminal.Press("s");
        terminal.WaitFor("sort: fill");
        terminal.Press("/none of these\r");
        terminal.WaitFor("none has 'none of these'");
        terminal.Press("\e");
        terminal.WaitFor($"!! {hung.Listener}");
        terminal.Press("?");
        terminal.WaitFor("a client that retries counts again");
        terminal.Press("?");
        terminal.WaitFor("FINDINGS");

        terminal.Press("p");
        terminal.WaitUntil(screen => screen.Text.Contains("PAUSED", StringComparison.Ordinal) && screen.Lines[^1].Contains("resume", StringComparison.Ordinal), "PAUSED, and all of it is drawn");
        var still = terminal.Text;
        Thread.Sleep(2500);
        terminal.Text.ShouldBe(still);
        terminal.Press("p");
        terminal.WaitUntil(screen => !screen.Text.Contains("PAUSED", StringComparison.Ordinal) && screen.Text != still, "goes on");

        terminal.Resize(160, 50);
        terminal.WaitUntil(
            screen => screen.Lines[49].StartsWith("q quit", StringComparison.Ordinal) && screen.Text.Contains("t-wait", StringComparison.Ordinal),
            "the larger screen is filled, and has room for more columns");
        terminal.Resize(80, 24);
        terminal.WaitUntil(screen => screen.Lines[23].StartsWith("q quit", StringComparison.Ordinal), "the smaller screen is filled");

        terminal.Press("q");
        top.WaitForEnd().ShouldBe(0);
        ShouldBeAsFound(top);
    }

    [Theory]
    [InlineData("q", 0, 0)]
    [InlineData("\u0003", 0, 0)]
    [InlineData("/half a filter\u0003", 0, 0)]
    [InlineData("", Libc.SigTerm, 143)]
    [InlineData("", SigInterrupt, 130)]
    [InlineData("", SigHangUp, 129)]
    public void Leaves_the_terminal_as_it_was(string keys, int signal, int exitCode)
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 20);
        using var top = new TopOnTerminal(ns);
        top.Terminal.WaitFor(fault.Listener.ToString());
        top.Terminal.Look(screen => (screen.IsAlternate, screen.IsCursorVisible)).ShouldBe((true, false));

        top.Terminal.Press(keys);
        if (signal != 0)
        {
            Libc.Check(Libc.Kill(top.Pid, signal), "kill");
        }

        top.WaitForEnd().ShouldBe(exitCode);
        ShouldBeAsFound(top);
        top.Terminal.Look(screen => screen.Unheard).ShouldBeEmpty("nothing that only some terminals have");
    }

    /// <summary>With the key, and with a signal from another process.</summary>
    [Theory]
    [InlineData("\u001a", 0)]
    [InlineData("", SigTerminalStop)]
    public void When_suspended_it_restores_the_terminal_until_it_resumes(string keys, int signal)
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 20);
        using var top = new TopOnTerminal(ns);
        top.Terminal.WaitFor(fault.Listener.ToString());

        top.Terminal.Press(keys);
        if (signal != 0)
        {
            Libc.Check(Libc.Kill(top.Pid, signal), "kill");
        }

        Wait.Until(() => File.ReadAllText($"/proc/{top.Pid}/stat").Split(") ")[1][0] == 'T', () => "it stops");
        top.Terminal.WaitUntil(screen => screen is { IsAlternate: false, IsCursorVisible: true }, "the terminal is given back");

        Libc.Check(Libc.Kill(top.Pid, Libc.SigCont), "kill");
        top.Terminal.WaitUntil(screen => screen is { IsAlternate: true, IsCursorVisible: false }, "it goes on");
        top.Terminal.Press("q");
        top.WaitForEnd().ShouldBe(0);
        ShouldBeAsFound(top);
    }

    /// <summary>Doctor writes a report as wide as the terminal, and resets what the runtime has changed.</summary>
    [Fact]
    public void The_doctor_leaves_the_terminal_as_it_was()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 20);
        fault.StopRetries();
        using var doctor = new TopOnTerminal(ns, columns: 72, rows: 50, "doctor", "--netns", "host", "--for", "1s");

        doctor.WaitForEnd().ShouldBe(1);

        doctor.Terminal.WaitUntil(
            screen => screen.Text.Contains("Error counters", StringComparison.Ordinal) && Array.Exists(screen.Lines, line => line.Length > 60),
            "all of the report, as wide as the terminal allows");
        ShouldBeAsFound(doctor, scrolls: true);
        var written = System.Text.Encoding.UTF8.GetString(doctor.Terminal.Written);
        written.ShouldContain("\e[1;33mWARNING");
    }

    /// <summary>A broken connection removes the terminal without notice.</summary>
    [Fact]
    public void Ends_with_its_terminal()
    {
        using var ns = NetNamespace.Create();
        using var top = new TopOnTerminal(ns);
        top.Terminal.WaitFor("LISTENERS");
        var pid = top.Pid;

        top.Terminal.Dispose();

        Wait.Until(() => !Directory.Exists($"/proc/{pid}"), () => "its end");
    }

    [Fact]
    public void Into_a_pipe_it_prints_one_plain_frame()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 40);
        using var clients = new RestlessClients(ns, fault.Listener);

        var result = ExporterProcess.Run(ns, asNobody: true, "top", "--for", "4s");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldBeEmpty();
        result.Output.ShouldAllBe(c => c == '\n' || (c >= ' ' && c <= '~'), "LC_ALL=C, and no escape sequences");
        result.Output.ShouldContain($"!! {fault.Listener}");
        result.Output.ShouldContain("is losing connections");
        result.Output.Split('\n').Count(line => line.StartsWith("STATES", StringComparison.Ordinal)).ShouldBe(1);
        result.Output.ShouldNotContain("q quit");
    }

    [Fact]
    public void Scripts_get_one_document()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 40);
        using var clients = new RestlessClients(ns, fault.Listener);

        var result = ExporterProcess.Run(ns, asNobody: false, "top", "--format", "json", "--for", "4s");

        result.ExitCode.ShouldBe(0, result.Error);
        using var json = JsonDocument.Parse(result.Output);
        json.RootElement.GetProperty("verdict").GetProperty("level").GetString().ShouldBe("critical");
        var listener = json.RootElement.GetProperty("listeners")[0];
        listener.GetProperty("port").GetInt32().ShouldBe(fault.Listener.Port);
        listener.GetProperty("trouble").GetString().ShouldBe("losing");
        listener.GetProperty("queue_length").GetInt64().ShouldBe(9);
        listener.GetProperty("queue_limit").GetInt64().ShouldBe(8);
        listener.GetProperty("drops_per_second").GetDouble().ShouldBeGreaterThan(0);
    }

    [Fact]
    public void If_nothing_is_wrong_it_says_so()
    {
        using var ns = NetNamespace.Create();
        ExporterProcess.Run(ns, asNobody: false, "top", "--once").Output.ShouldContain(" OK  Nothing to worry about");
    }

    [Fact]
    public void If_limits_are_unknown_it_says_so()
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 0);

        var output = ExporterProcess.Run(ns, asNobody: false, "top", "--once", "--source", "procfs").Output;

        output.ShouldContain(" NOT KNOWN  Nothing found, but not everything could be read: how full accept queues are");
        output.ShouldContain("0/?");
    }

    private static void ShouldBeAsFound(TopOnTerminal top, bool scrolls = false)
    {
        top.Settings.After.ShouldBe(top.Settings.Before);
        top.Terminal.WaitUntil(screen => screen is { IsAlternate: false, IsCursorVisible: true, IsKeypadForApplications: false }, "the terminal as it was");
        if (!scrolls)
        {
            top.Terminal.Look(screen => screen.Scrolled).ShouldBe(0);
        }
    }
}
