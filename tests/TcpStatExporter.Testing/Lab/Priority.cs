using System.Runtime.ExceptionServices;

namespace TcpStatExporter.Testing.Lab;

/// <summary>Gives code that measures time priority over code that makes load, on a machine with too little CPU.</summary>
internal static class Priority
{
    private const int Raised = -10;

    /// <summary>
    /// Runs code at a raised priority, including all processes and threads that it starts, because they inherit the nice
    /// value of the starting thread. If raising is refused, runs the code anyway.
    /// </summary>
    /// <param name="work">The code.</param>
    /// <typeparam name="T">The result type.</typeparam>
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
