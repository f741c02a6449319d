namespace TcpStatExporter.Testing.Lab;

/// <summary>The result of a command.</summary>
/// <param name="CommandLine">The command line.</param>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record CommandResult(string CommandLine, int ExitCode, string Output, string Error)
{
    /// <summary>Returns the standard output. The command must have succeeded.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public string Checked() => ExitCode == 0
        ? Output
        : throw new InvalidOperationException($"{CommandLine}: exit {ExitCode}: {Error.Trim()}");
}
