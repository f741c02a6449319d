using System.ComponentModel;
using System.Diagnostics;

namespace TcpStatExporter.Testing;

/// <summary>Programs that check files.</summary>
internal static class Tool
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>Runs a program until it ends.</summary>
    /// <param name="folder">Working directory.</param>
    /// <param name="program">Its name on PATH.</param>
    /// <param name="arguments">Arguments, passed unchanged.</param>
    /// <returns>Exit code and output. Null if the program is not installed.</returns>
    /// <exception cref="TimeoutException">It took ten minutes, and was killed.</exception>
    public static (int ExitCode, string Output)? Run(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Limit))
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"{program} {string.Join(' ', arguments)} still runs after {Limit.TotalSeconds} s");
            }

            return (process.ExitCode, output.GetAwaiter().GetResult() + error.GetAwaiter().GetResult());
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
