using System.Globalization;

namespace TcpStatExporter.Testing.Lab;

/// <summary>
/// Moves this process into a cgroup for a moment: the kernel records the owner of a socket when it is created. cgroup2 moves
/// whole processes, so there is one visit at a time.
/// </summary>
internal static class CgroupVisit
{
    private static readonly Lock Moving = new();

    /// <summary>Runs code in a cgroup.</summary>
    /// <param name="cgroup">Its directory.</param>
    /// <param name="home">Returns the directory of the cgroup to return to.</param>
    /// <param name="work">Creates the sockets.</param>
    /// <typeparam name="T">The result type.</typeparam>
    public static T Run<T>(string cgroup, Func<string> home, Func<T> work)
    {
        lock (Moving)
        {
            var back = home();
            Move(cgroup, Environment.ProcessId);
            try
            {
                return work();
            }
            finally
            {
                Move(back, Environment.ProcessId);
            }
        }
    }

    /// <summary>Moves a process into a cgroup.</summary>
    /// <param name="cgroup">Its directory.</param>
    /// <param name="pid">The process.</param>
    public static void Move(string cgroup, int pid) => File.WriteAllText(Path.Combine(cgroup, "cgroup.procs"), pid.ToString(CultureInfo.InvariantCulture));
}
