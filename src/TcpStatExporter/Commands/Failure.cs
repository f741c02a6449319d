using TcpStatExporter.Host;
using TcpStatExporter.Logging;
using TcpStatExporter.Sampling;
using TcpStatExporter.Web;

namespace TcpStatExporter.Commands;

/// <summary>How a command ends if it could not start or continue for a reason that is not a bug.</summary>
/// <param name="Reason">One line that says why. Null if there is nobody to read it.</param>
/// <param name="ExitCode">Exit code.</param>
internal sealed record Failure(string? Reason, int ExitCode)
{
    /// <summary>Exit code of a command that could not start.</summary>
    public const int CannotStart = 1;

    /// <summary>Exit code of a command whose output is lost, for example on a full device.</summary>
    public const int OutputLost = 1;

    /// <summary>
    /// The exit code that a shell reports for a program ended by SIGPIPE (13). Most commands end this way when their reader
    /// has gone.
    /// </summary>
    public const int ReaderGone = 128 + 13;

    /// <summary>Returns how an exception ends the program, or null if it is a bug.</summary>
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

    /// <summary>Prints the reason.</summary>
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
