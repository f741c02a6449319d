using System.Diagnostics;
using System.Text;

namespace TcpStatExporter.Testing.Lab;

/// <summary>A process whose output is recorded. Disposing it ends the process, by its own pid.</summary>
internal sealed class ChildProcess : IDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(60);

    private readonly string _commandLine;
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly Task _pumps;
    private bool _disposed;

    private ChildProcess(Process process, string commandLine)
    {
        _process = process;
        _commandLine = commandLine;
        _pumps = Task.WhenAll(PumpAsync(process.StandardOutput, _output), PumpAsync(process.StandardError, _error));
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Its standard output so far.</summary>
    public string Output => Text(_output);

    /// <summary>Its standard error so far.</summary>
    public string Error => Text(_error);

    /// <summary>Starts a program.</summary>
    /// <param name="program">Its path, or its name on PATH.</param>
    /// <param name="arguments">Arguments, passed unchanged.</param>
    /// <param name="environment">Variables to set in addition to those of this process. Null removes a variable.</param>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.StandardInput.Close();
        return new ChildProcess(process, $"{program} {string.Join(' ', start.ArgumentList)}");
    }

    /// <summary>Runs a program until it ends.</summary>
    /// <param name="program">Its path, or its name on PATH.</param>
    /// <param name="arguments">Arguments, passed unchanged.</param>
    /// <param name="limit">Time limit. Default: one minute.</param>
    /// <param name="environment">Variables to set.</param>
    /// <exception cref="TimeoutException">It took longer, and was killed.</exception>
    public static CommandResult Run(string program, IEnumerable<string> arguments, TimeSpan? limit = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        using var child = Start(program, arguments, environment);
        var exitCode = child.WaitForExit(limit ?? TimeSpan.FromMinutes(1));
        return new CommandResult(child._commandLine, exitCode, child.Output, child.Error);
    }

    /// <summary>Waits until the process ends and all its output is read.</summary>
    /// <param name="limit">Time limit.</param>
    /// <returns>Its exit code, or 128 + n if signal n ended it.</returns>
    /// <exception cref="TimeoutException">It is still running.</exception>
    public int WaitForExit(TimeSpan limit)
    {
        if (!_process.WaitForExit(limit) || !_pumps.Wait(EndLimit))
        {
            throw new TimeoutException($"{_commandLine} still runs after {limit.TotalSeconds} s; stderr: {Error}");
        }

        return _process.ExitCode;
    }

    /// <summary>Sends it a signal.</summary>
    /// <param name="signal">Signal number.</param>
    public void Signal(int signal) => Libc.Check(Libc.Kill(Id, signal), "kill");

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit(EndLimit);
        }

        _process.Dispose();
    }

    /// <summary>Reads until the process closes the pipe, and closes it here too: Process.Dispose does not.</summary>
    private static async Task PumpAsync(StreamReader reader, StringBuilder text)
    {
        using var closed = reader;
        var buffer = new char[4096];
        int count;
        while ((count = await reader.ReadAsync(buffer)) > 0)
        {
            lock (text)
            {
                text.Append(buffer, 0, count);
            }
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
