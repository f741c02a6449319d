using System.Runtime.ExceptionServices;

namespace TcpStatExporter.Testing.Lab;

/// <summary>Running what measures time before what makes load, on a machine that has too little of it.</summary>
internal static class Priority
{
    private const int Raised = -10;

    /// <summary>
    /// Runs something at a raised priority, together with every process and thread that it starts: they inherit the
    /// nice value of the thread that starts them. Where that is refused it runs all the same.
    /// </summary>
    /// <param name="work">What to run.</param>
    /// <typeparam name="T">Its result.</typeparam>
    public static T Raise<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? thrown = null;
        var thread = new Thread(() =>
        {
            try
            {
                _ = Libc.SetPriority(which: 0, who: 0, Raised);
                result = work();
            }
            catch (Exception exception)
            {
                thrown = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        thrown?.Throw();
        return result!;
    }
}
