using TcpStatExporter.EndToEnd.Lab;

namespace TcpStatExporter.EndToEnd.Advisor;

/// <summary>A run of the doctor that watches while something happens.</summary>
internal sealed class DuringDoctor : IDisposable
{
    /// <summary>Longer than the program takes to start and the fault to be made.</summary>
    private const string Watch = "8s";

    private static readonly TimeSpan StartUp = TimeSpan.FromSeconds(3);

    private readonly Task<Doctor> _run;

    private DuringDoctor(Task<Doctor> run) => _run = run;

    /// <summary>Starts the doctor, and has something happen once it watches.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="happen">What happens.</param>
    public static DuringDoctor Start(NetNamespace ns, Action happen)
    {
        var run = Task.Run(() => Doctor.Examine(ns, "--for", Watch));
        Thread.Sleep(StartUp);
        happen();
        return new DuringDoctor(run);
    }

    /// <summary>What it says in the end.</summary>
    public Doctor Report() => _run.GetAwaiter().GetResult();

    public void Dispose() => _run.Wait();
}
