using Xunit;

namespace TcpStatExporter.Testing.Lab;

/// <summary>A directory of the cgroup2 hierarchy, wherever it is mounted: at the usual place, or next to version 1.</summary>
internal sealed class Cgroup : IDisposable
{
    private readonly string _slice;
    private readonly string _unit;

    /// <summary>Creates the directory, or skips the test if that is not possible.</summary>
    /// <param name="slice">Directory below the root.</param>
    /// <param name="unit">Directory below that.</param>
    public Cgroup(string slice, string unit)
    {
        Requires.RootAndIp();
        var mount = File.ReadLines("/proc/self/mountinfo")
            .Select(line => line.Split(" - "))
            .Where(halves => halves[1].StartsWith("cgroup2 ", StringComparison.Ordinal))
            .Select(halves => halves[0].Split(' ')[4])
            .FirstOrDefault();
        Assert.SkipWhen(mount is null, "cgroup2 is not mounted");
        _slice = Path.Combine(mount!, slice);
        _unit = Path.Combine(_slice, unit);
        try
        {
            Directory.CreateDirectory(_unit);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Assert.SkipWhen(condition: true, $"this machine refuses a cgroup: {exception.Message}");
        }
    }

    /// <summary>A process that writes its pid to this file moves into the cgroup.</summary>
    public string Processes => Path.Combine(_unit, "cgroup.procs");

    /// <summary>Removes the directory after its processes have ended.</summary>
    public void Dispose()
    {
        Wait.Until(() => File.ReadAllText(Processes).Length == 0, () => $"{_unit} is empty");
        Directory.Delete(_unit);
        Directory.Delete(_slice);
    }
}
