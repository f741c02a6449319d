using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Procfs;
using TcpStatExporter.Web;

namespace TcpStatExporter.Commands;

/// <summary>
/// Files that this process may open. Where it has no more, the runtime cannot load code and ends the process with "Out of
/// memory.": so it starts only where there are enough, and connections take no more than is left.
/// </summary>
/// <param name="Open">Files that are open.</param>
/// <param name="Limit">Most that may be (RLIMIT_NOFILE).</param>
internal readonly record struct FileBudget(ulong Open, ulong Limit)
{
    /// <summary>What the daemon needs beside connections that have a place: a file for each of some hundred libraries, forty of procfs, and some for connections that are being closed.</summary>
    public const int Reserve = 160;

    /// <summary>Most connections that are accepted at a time, for each that has a place.</summary>
    private const int FilesOfPlace = ConnectionTable.AcceptedOfPlaces;

    /// <summary>Fewer would shut scrapers out.</summary>
    private const int FewestPlaces = 8;

    /// <summary>Whether there are enough to run at all.</summary>
    public bool IsEnough => Limit >= Needed;

    /// <summary>The least limit that is enough.</summary>
    public ulong Needed => Open + Reserve + (FewestPlaces * FilesOfPlace);

    /// <summary>The budget of this process, as things are; none where procfs does not tell.</summary>
    public static FileBudget? OfThisProcess()
    {
        using var self = new ProcSelf(new ProcFileBuffer());
        var usage = default(ProcessUsage);
        return self.Read(ref usage).IsOk ? new FileBudget(usage.OpenFiles, usage.OpenFilesLimit) : null;
    }

    /// <summary>Connections at a time that leave enough for the rest.</summary>
    /// <param name="wanted">Connections that are wanted.</param>
    public int Connections(int wanted) =>
        Limit < Needed ? FewestPlaces : (int)Math.Min((Limit - Open - Reserve) / FilesOfPlace, (ulong)wanted);
}
