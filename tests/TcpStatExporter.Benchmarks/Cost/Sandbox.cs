using System.Diagnostics;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>
/// Runs a command in its own network, process and mount namespaces. What it does there affects nothing else, and nothing
/// outlives it: when its first process ends, the kernel kills the others.
/// </summary>
internal static class Sandbox
{
    private const string Inside = "--inside";
    private const string OwnNetwork = "/proc/self/ns/net";

    /// <summary>Program and leading arguments that start this program again.</summary>
    public static string[] Self => Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
        ? [Environment.ProcessPath!, typeof(Sandbox).Assembly.Location]
        : [Environment.ProcessPath!];

    /// <summary>Starts this program again inside a sandbox, or runs the command if it is already inside.</summary>
    /// <param name="arguments">The command and its flags.</param>
    /// <param name="command">The command.</param>
    /// <param name="flags">The flags of the command.</param>
    /// <returns>Exit code of the command.</returns>
    public static int Run(string[] arguments, Func<Flags, int> command, params string[] flags)
    {
        if (arguments is not [_, Inside, var outer, ..])
        {
            return RunInside(arguments);
        }

        if (Network() == outer)
        {
            throw new InvalidOperationException("not in a network namespace of its own: nothing was changed");
        }

        Prepare();
        return command(new Flags(arguments.AsSpan(3), flags));
    }

    /// <summary>Runs a program until it ends.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="InvalidOperationException">Its exit code was not 0.</exception>
    public static void Execute(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}");
        }
    }

    private static int RunInside(string[] arguments)
    {
        string[] inside = ["--net", "--pid", "--mount-proc", "--fork", "--kill-child", "--", .. Self, arguments[0], Inside, Network(), .. arguments[1..]];
        using var process = Process.Start(new ProcessStartInfo("unshare", inside))!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static string Network() => File.ResolveLinkTarget(OwnNetwork, returnFinalTarget: false)!.Name;

    private static void Prepare()
    {
        Execute("ip", "link", "set", "lo", "up");
        File.WriteAllText("/proc/sys/net/ipv4/ip_local_port_range", "1024 65535");
        File.WriteAllText("/proc/sys/net/core/somaxconn", "1000000");
    }
}
