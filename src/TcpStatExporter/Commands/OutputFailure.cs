using TcpStatExporter.Host;
using TcpStatExporter.Logging;

namespace TcpStatExporter.Commands;

/// <summary>How a command ends whose output could not be written.</summary>
internal static class OutputFailure
{
    /// <summary>What a shell says of a program that SIGPIPE (13) ended, as it ends most commands whose reader has gone.</summary>
    public const int ReaderGone = 128 + 13;

    /// <summary>Exit code where output is lost, as on a full device.</summary>
    public const int OutputLost = 1;

    /// <summary>Says why in one line; a reader that has gone, such as head(1), wants no line.</summary>
    /// <param name="failure">The failure.</param>
    /// <returns>Exit code.</returns>
    public static async Task<int> ExitCodeAsync(StandardStreamException failure)
    {
        if (failure.IsPipeClosed)
        {
            return ReaderGone;
        }

        await FailureLine.WriteAsync($"{failure.Message}.");
        return OutputLost;
    }
}
