using System.Globalization;

namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>One thread of another process, held where it is (ptrace(2)) while all others run on, until this is disposed.</summary>
internal sealed class HungThread : IDisposable
{
    private readonly ManualResetEventSlim _release = new();
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _tracer;

    /// <summary>Holds it.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="name">Name of the thread.</param>
    public HungThread(int pid, string name)
    {
        var thread = Directory.EnumerateDirectories($"/proc/{pid}/task").Single(task => Name(task) == name);
        var id = int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture);

        // a tracee belongs to the thread that traces it, and is let go with it
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
