using TcpStatExporter.Commands;
using TcpStatExporter.Host;
using TcpStatExporter.Logging;
using TcpStatExporter.Sampling;

Console.SetOut(StandardStream.Writer(StandardStream.Output));
Console.SetError(StandardStream.Writer(StandardStream.Error));
if (FileBudget.OfThisProcess() is { IsEnough: false } files)
{
    await FailureLine.WriteAsync($"At most {files.Limit} files may be open (LimitNOFILE= of a unit, ulimit -n): {files.Needed} are needed.");
    return 1;
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
catch (SourceRefusedException e)
{
    await FailureLine.WriteAsync(e.Message);
    return e.IsUsageError ? CommandLine.UsageError : 1;
}
catch (StandardStreamException e)
{
    return await OutputFailure.ExitCodeAsync(e);
}
