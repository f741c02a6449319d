using TcpStatExporter.EndToEnd.Exporter;

namespace TcpStatExporter.EndToEnd.Advisor;

/// <summary>A command that watches for a time, while something happens.</summary>
internal static class DuringWatch
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="happen">What happens once it watches.</param>
    /// <param name="command">The command with its arguments, but for the time.</param>
    public static CommandResult Run(NetNamespace ns, Action happen, params string[] command) => Run(ns, TimeSpan.FromSeconds(8), happen, command);

    /// <summary>Runs it to its end.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="time">For how long it watches: longer than what happens takes.</param>
    /// <param name="happen">What happens once it watches.</param>
    /// <param name="command">The command with its arguments, but for the time.</param>
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
