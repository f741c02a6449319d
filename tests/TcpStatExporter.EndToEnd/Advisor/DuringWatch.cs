using TcpStatExporter.EndToEnd.Exporter;

namespace TcpStatExporter.EndToEnd.Advisor;

/// <summary>Runs a command that watches for some time, with an action while it watches.</summary>
internal static class DuringWatch
{
    /// <summary>Runs it until it ends.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="happen">The action, once the command watches.</param>
    /// <param name="command">The command with its arguments, without the time.</param>
    public static CommandResult Run(NetNamespace ns, Action happen, params string[] command) => Run(ns, TimeSpan.FromSeconds(8), happen, command);

    /// <summary>Runs it until it ends.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="time">How long it watches. Must be longer than the action takes.</param>
    /// <param name="happen">The action, once the command watches.</param>
    /// <param name="command">The command with its arguments, without the time.</param>
    public static CommandResult Run(NetNamespace ns, TimeSpan time, Action happen, params string[] command)
    {
        var line = ExporterProcess.CommandLine([.. command, "--for", $"{time.TotalSeconds:0}s", "--log.level", "debug"]);
        using var process = ns.Start(line[0], line[1..], new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOTNET_EnableDiagnostics"] = "0" });
        Wait.Until(
            () => process.HasExited ? throw new InvalidOperationException(process.Error) : process.Error.Contains("Watching", StringComparison.Ordinal),
            () => $"it watches; stderr: {process.Error}",
            TimeSpan.FromMinutes(1));
        happen();
        var exitCode = process.WaitForExit(time + TimeSpan.FromMinutes(1));
        return new CommandResult(string.Join(' ', command), exitCode, process.Output, process.Error);
    }
}
