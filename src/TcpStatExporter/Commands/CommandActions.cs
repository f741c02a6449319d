namespace TcpStatExporter.Commands;

/// <summary>What each command does. Each function gets the parsed command line and returns the exit code.</summary>
internal sealed record CommandActions
{
    /// <summary>Runs the daemon.</summary>
    public required Func<ExporterOptions, Task<int>> Serve { get; init; }

    /// <summary>Prints the metrics once.</summary>
    public required Func<ExporterOptions, OnceOptions, Task<int>> Once { get; init; }

    /// <summary>Reports what is wrong.</summary>
    public required Func<ExporterOptions, DoctorOptions, Task<int>> Doctor { get; init; }

    /// <summary>Shows TCP live.</summary>
    public required Func<ExporterOptions, TopOptions, Task<int>> Top { get; init; }

    /// <summary>Says what a name means.</summary>
    public required Func<ExporterOptions, ExplainOptions, Task<int>> Explain { get; init; }

    /// <summary>Checks the accept queue of one port.</summary>
    public required Func<ExporterOptions, ProbeOptions, Task<int>> Probe { get; init; }

    /// <summary>Checks whether a running daemon is ready.</summary>
    public required Func<ExporterOptions, Task<int>> HealthCheck { get; init; }

    /// <summary>Opens sockets in other network namespaces for the daemon.</summary>
    public required Func<ExporterOptions, OpenerOptions, Task<int>> Opener { get; init; }

    /// <summary>The real commands.</summary>
    public static CommandActions OfProgram { get; } = new()
    {
        Serve = ServeCommand.RunAsync,
        Once = OnceCommand.RunAsync,
        Doctor = DoctorCommand.RunAsync,
        Top = TopCommand.RunAsync,
        Explain = ExplainCommand.RunAsync,
        Probe = ProbeCommand.RunAsync,
        HealthCheck = options => HealthCheckCommand.RunAsync(options),
        Opener = (_, options) => OpenerCommand.RunAsync(options),
    };

    /// <summary>Uses the same function for every command, with the general options only.</summary>
    /// <param name="take">The function.</param>
    public static CommandActions All(Func<ExporterOptions, Task<int>> take) => new()
    {
        Serve = take,
        Once = (options, _) => take(options),
        Doctor = (options, _) => take(options),
        Top = (options, _) => take(options),
        Explain = (options, _) => take(options),
        Probe = (options, _) => take(options),
        HealthCheck = take,
        Opener = (options, _) => take(options),
    };
}
