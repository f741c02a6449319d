using System.Globalization;

namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>Stops one thread of another process (ptrace(2)) while all others run, until this is disposed.</summary>
internal sealed class HungThread : IDisposable
{
    private readonly ManualResetEventSlim _release = new();
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _tracer;

    /// <summary>Stops the thread.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="name">Name of the thread.</param>
    public HungThread(int pid, string name)
    {
        var thread = Directory.EnumerateDirectories($"/proc/{pid}/task").Single(task => Name(task) == name);
        var id = int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture);

        // only the tracing thread can control a tracee, and the tracee is released with it
        _tracer = new Thread(() => Hold(id)) { IsBackground = true };
        _tracer.Start();
        _held.Task.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _release.Set();
        _tracer.Join();
        _release.Dispose();
    }

    private static string Name(string task)
    {
        try
        {
            return File.ReadAllText($"{task}/comm").TrimEnd();
        }
        catch (IOException)
        {
            // it ended
            return "";
        }
    }

    private void Hold(int id)
    {
        try
        {
            Libc.Check((nint)Libc.Trace(Libc.PtraceSeize, id, 0, 0), "ptrace");
            Libc.Check((nint)Libc.Trace(Libc.PtraceInterrupt, id, 0, 0), "ptrace");
            _held.SetResult();
        }
        catch (Exception e)
        {
            _held.SetException(e);
            return;
        }

        _release.Wait();
    }
}
