using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Commands;

/// <summary>The man page and shell completions match the command line. TCPSTAT_REWRITE=1 rewrites them. Read the diff.</summary>
public sealed class GeneratedFileTests
{
    private const string Man = "deploy/man/tcpstat-exporter.1";
    private const string Bash = "deploy/completion/tcpstat-exporter.bash";
    private const string Zsh = "deploy/completion/_tcpstat-exporter";
    private const string Fish = "deploy/completion/tcpstat-exporter.fish";

    private static readonly CommandTree Tree = new();

    [Fact]
    public void Man_page_is_up_to_date() => IsUpToDate(Man, ManPage.Write(Tree));

    [Fact]
    public void Completion_of_bash_is_up_to_date() => IsUpToDate(Bash, Completion.Bash(Tree));

    [Fact]
    public void Completion_of_zsh_is_up_to_date() => IsUpToDate(Zsh, Completion.Zsh(Tree));

    [Fact]
    public void Completion_of_fish_is_up_to_date() => IsUpToDate(Fish, Completion.Fish(Tree));

    [Theory]
    [InlineData("groff", "-man", "-ww", "-z", "-Tutf8", Man)]
    [InlineData("bash", "-n", Bash)]
    [InlineData("zsh", "-n", Zsh)]
    [InlineData("fish", "--no-execute", Fish)]
    public void Its_reader_accepts_it(string program, params string[] arguments)
    {
        var (exitCode, output) = Run(program, arguments);

        exitCode.ShouldBe(0, output);
        output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("do", "doctor")]
    [InlineData("--sou", "--source")]
    [InlineData("--source ", "auto procfs netlink")]
    [InlineData("--source = n", "netlink")]
    [InlineData("doctor --format =", "text json")]
    [InlineData("doctor --write", "--write-sysctl")]
    [InlineData("once --write", "")]
    [InlineData("once --vers", "")]
    [InlineData("--vers", "--version")]
    [InlineData("--sample.interval ", "")]
    [InlineData("--path.procfs /pro", "/proc")]
    public void Bash_completes(string typed, string expected) =>
        Completes("bash", $"source {Bash}; COMP_WORDS=(tcpstat-exporter {typed.TrimEnd()}{(typed.EndsWith(' ') ? " ''" : "")}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _tcpstat_exporter; echo \"${{COMPREPLY[@]}}\"", expected);

    [Theory]
    [InlineData("do", "doctor")]
    [InlineData("--source ", "auto netlink procfs")]
    [InlineData("--source=n", "--source=netlink")]
    [InlineData("doctor --write", "--write-sysctl")]
    [InlineData("once --write", "")]
    public void Fish_completes(string typed, string expected) =>
        Completes("fish", $"source {Fish}; complete -C 'tcpstat-exporter {typed}' | string split -f1 \\t | string join ' '; true", expected);

    private static void Completes(string shell, string script, string expected)
    {
        var (exitCode, output) = Run(shell, "-c", script);

        exitCode.ShouldBe(0, output);
        output.Trim().ShouldBe(expected);
    }

    private static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        Assert.SkipWhen(Repository.IsRewriting, "the files are being written");
        var run = Tool.Run(Repository.Path("."), program, arguments);
        Assert.SkipWhen(run is null, $"{program} is not installed");
        return run!.Value;
    }

    private static void IsUpToDate(string path, string expected)
    {
        if (Repository.IsRewriting)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Repository.Path(path))!);
            Repository.Write(path, expected);
        }

        Repository.Read(path).ShouldBe(expected);
    }
}
