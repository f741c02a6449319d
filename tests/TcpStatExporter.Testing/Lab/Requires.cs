using Xunit;

namespace TcpStatExporter.Testing.Lab;

/// <summary>What a test needs from the machine. If it is missing, the test is skipped and says why.</summary>
internal static class Requires
{
    private static readonly string[] Programs = ["ip", "ss", "nstat", "nsenter"];
    private static readonly Lazy<string?> Missing = new(FindMissing);

    /// <summary>
    /// Skips the test unless this process may create network namespaces and the standard tools to inspect them are installed.
    /// </summary>
    public static void RootAndIp() => Assert.SkipWhen(Missing.Value is not null, Missing.Value ?? "");

    /// <summary>Skips the test unless a program is on PATH.</summary>
    /// <param name="name">Name of the program.</param>
    public static void Program(string name) => Assert.SkipUnless(IsOnPath(name), $"{name} is not installed");

    /// <summary>Skips the test unless this process may hold this many descriptors.</summary>
    /// <param name="count">Number of descriptors.</param>
    public static void Descriptors(int count) => Assert.SkipUnless(Libc.TryAllowDescriptors(count), $"this process may not hold {count} descriptors");

    private static string? FindMissing()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "network namespaces are Linux's";
        }

        if (Libc.EffectiveUser() != 0)
        {
            return "only root may make network namespaces";
        }

        if (Array.Find(Programs, program => !IsOnPath(program)) is { } program)
        {
            return $"{program} is not installed";
        }

        var trial = $"{NetNamespace.Prefix}{Environment.ProcessId}-trial";
        var added = ChildProcess.Run("ip", ["netns", "add", trial]);
        if (added.ExitCode != 0)
        {
            return $"this machine refuses a network namespace: {added.Error.Trim()}";
        }

        ChildProcess.Run("ip", ["netns", "delete", trial]).Checked();
        return null;
    }

    private static bool IsOnPath(string program) =>
        Array.Exists(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'),
            folder => File.Exists(Path.Combine(folder, program)));
}
