using System.Globalization;
using TcpStatExporter.EndToEnd.Exporter;

namespace TcpStatExporter.EndToEnd.Top;

/// <summary>The program on a terminal, started by a shell that records the terminal's settings before and after.</summary>
internal sealed class TopOnTerminal : IDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-");
    private readonly ChildProcess _shell;

    /// <summary>Starts it.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="columns">Width of the terminal in columns.</param>
    /// <param name="rows">Height in rows.</param>
    /// <param name="command">The command.</param>
    /// <param name="arguments">Flags after the command.</param>
    public TopOnTerminal(NetNamespace ns, int columns = 80, int rows = 24, string command = "top", params string[] arguments)
    {
        // like an interactive shell: the process that runs these tests may have left signals ignored
        const string OnTerminal = "exec env --default-signal setsid --ctty --wait sh -c \"$2\" \"$@\" <>\"$1\" >&0 2>&0";
        const string Session = "dir=$2; shift 2; stty -g >$dir/before; sh -c 'echo $$ >$0/pid; exec \"$@\"' $dir \"$@\"; echo $? >$dir/code; stty -g >$dir/after";
        Terminal = new PseudoTerminal(columns, rows);
        _shell = ns.Start(
            "sh",
            ["-c", OnTerminal, "sh", Terminal.Path, Session, _folder.FullName, .. ExporterProcess.CommandLine([command, .. arguments])],
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["TERM"] = "xterm-256color",
                ["LC_ALL"] = "C.UTF-8",
                ["NO_COLOR"] = null,
                ["DOTNET_EnableDiagnostics"] = "0",
            });
    }

    /// <summary>The terminal.</summary>
    public PseudoTerminal Terminal { get; }

    /// <summary>Pid of the program.</summary>
    public int Pid
    {
        get
        {
            var text = "";
            Wait.Until(() => File.Exists(Path("pid")) && (text = Read("pid")).Length > 0, () => $"a pid; stderr: {_shell.Error}; the screen:\n{Terminal.Text}", EndLimit);
            return int.Parse(text, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The terminal's settings before and after, in the format of stty(1).</summary>
    public (string Before, string After) Settings => (Read("before"), Read("after"));

    /// <summary>Waits until it ends.</summary>
    /// <returns>Exit code of the program, as the shell reports it.</returns>
    public int WaitForEnd()
    {
        Wait.Until(() => File.Exists(Path("after")) && Read("after").Length > 0, () => $"its end; the screen:\n{Terminal.Text}", EndLimit);
        _shell.WaitForExit(EndLimit);
        return int.Parse(Read("code"), CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _shell.Dispose();
        Terminal.Dispose();
        _folder.Delete(recursive: true);
    }

    private string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    private string Read(string name) => File.ReadAllText(Path(name)).Trim();
}
