namespace TcpStatExporter.Testing.Lab;

/// <summary>What a command that ended left.</summary>
/// <param name="CommandLine">How it was called.</param>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record CommandResult(string CommandLine, int ExitCode, string Output, string Error)
{
    /// <summary>The standard output of a command that must succeed.</summary>
    /// <exception cref="InvalidOperationException">It did not.</exception>
    public string Checked() => ExitCode == 0
        ? Output
        : throw new InvalidOperationException($"{CommandLine}: exit {ExitCode}: {Error.Trim()}");
}
