using TcpStatExporter.Commands;
using TcpStatExporter.Host;
using TcpStatExporter.Logging;

Console.SetOut(StandardStream.Writer(StandardStream.Output));
Console.SetError(StandardStream.Writer(StandardStream.Error));
if (FileBudget.OfThisProcess() is { IsEnough: false } files)
{
    await FailureLine.WriteAsync($"The limit of open files is {files.Limit} (LimitNOFILE= in the unit, ulimit -n), but {files.Needed} are needed.");
    return Failure.CannotStart;
}

try
{
    return await new CommandLine(CommandActions.OfProgram).RunAsync(args);
}
catch (Exception e) when (Failure.Of(e) is { } failure)
{
    return await failure.TellAsync();
}
