using TcpStatExporter.Commands;

namespace TcpStatExporter.Tests.Support;

/// <summary>Parses arguments with the command line.</summary>
internal static class Arguments
{
    public static async Task<ExporterOptions> Options(params string[] arguments)
    {
        ExporterOptions? options = null;
        var commands = new CommandLine(CommandActions.All(Take));
        var exitCode = await commands.RunAsync(arguments);
        return exitCode == 0 && options is not null ? options : throw new ArgumentException($"exit code {exitCode}: {string.Join(' ', arguments)}", nameof(arguments));

        Task<int> Take(ExporterOptions taken)
        {
            options = taken;
            return Task.FromResult(0);
        }
    }
}
