using TcpStatExporter.Commands;
using TcpStatExporter.Host;
using TcpStatExporter.Logging;

Console.SetOut(StandardStream.Writer(StandardStream.Output));
Console.SetError(StandardStream.Writer(StandardStream.Error));
if (FileBudget.OfThisProcess() is { IsEnough: false } files)
{
    await FailureLine.WriteAsync($"At most {files.Limit} files may be open (LimitNOFILE= of a unit, ulimit -n): {files.Needed} are needed.");
    return Failure.CannotStart;
}

try
{
    return await new CommandLine(
        serve: ServeCommand.RunAsync,
        once: OnceCommand.RunAsync,
        doctor: DoctorCommand.RunAsync,
        top: TopCommand.RunAsync,
        healthCheck: options => HealthCheckCommand.RunAsync(options)).RunAsync(args);
}
catch (Exception e) when (Failure.Of(e) is { } failure)
{
    return await failure.TellAsync();
}
