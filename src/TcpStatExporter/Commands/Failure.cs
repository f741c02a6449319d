using TcpStatExporter.Host;
using TcpStatExporter.Logging;
using TcpStatExporter.Sampling;
using TcpStatExporter.Web;

namespace TcpStatExporter.Commands;

/// <summary>How a command ends that could not start or go on for a reason that is no bug.</summary>
/// <param name="Reason">What to tell in one line; null where there is nobody to read it.</param>
/// <param name="ExitCode">Exit code.</param>
internal sealed record Failure(string? Reason, int ExitCode)
{
    /// <summary>Exit code of a command that could not start.</summary>
    public const int CannotStart = 1;

    /// <summary>Exit code of a command whose output is lost, as on a full device.</summary>
    public const int OutputLost = 1;

    /// <summary>What a shell says of a program that SIGPIPE (13) ended, as it ends most commands whose reader has gone.</summary>
    public const int ReaderGone = 128 + 13;

    /// <summary>What an exception says of the way it ends; null where it is a bug.</summary>
    /// <param name="exception">The exception.</param>
    public static Failure? Of(Exception exception) => exception switch
    {
        SourceRefusedException refused => new(refused.Message, refused.IsUsageError ? CommandLine.UsageError : CannotStart),
        WebConfigException => new(exception.Message, CommandLine.UsageError),
        BindException => new(exception.Message, CannotStart),
        StandardStreamException { IsPipeClosed: true } => new(Reason: null, ReaderGone),
        StandardStreamException => new($"{exception.Message}.", OutputLost),
        _ => null,
    };

    /// <summary>Tells the reason.</summary>
    /// <returns>Exit code.</returns>
    public async Task<int> TellAsync()
    {
        if (Reason is not null)
        {
            await FailureLine.WriteAsync(Reason);
        }

        return ExitCode;
    }
}
