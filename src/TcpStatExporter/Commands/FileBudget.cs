using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Procfs;
using TcpStatExporter.Web;

namespace TcpStatExporter.Commands;

/// <summary>
/// The number of files that this process may open. When it runs out, the runtime cannot load code and ends the process with
/// "Out of memory.". So the daemon starts only if there are enough, and limits its connections to what is left.
/// </summary>
/// <param name="Open">Files that are open now.</param>
/// <param name="Limit">Maximum number of open files (RLIMIT_NOFILE).</param>
internal readonly record struct FileBudget(ulong Open, ulong Limit)
{
    /// <summary>
    /// What the daemon needs besides admitted connections: one file for each of about a hundred libraries, forty in procfs,
    /// and some for connections that are being closed.
    /// </summary>
    public const int Reserve = 160;

    /// <summary>Maximum number of accepted connections for each admitted one.</summary>
    private const int FilesOfPlace = ConnectionTable.AcceptedOfPlaces;

    /// <summary>Some thousand namespaces are more than a host has.</summary>
    private const int MostOfNamespaces = 20_000;

    private const int FewestOfNamespaces = 50;

    /// <summary>With fewer, scrapers would be locked out.</summary>
    private const int FewestPlaces = 8;

    /// <summary>True if there are enough files to run at all.</summary>
    public bool IsEnough => Limit >= Needed;

    /// <summary>The smallest limit that is enough.</summary>
    public ulong Needed => Open + Reserve + (FewestPlaces * FilesOfPlace);

    /// <summary>Returns the current budget of this process, or null if procfs does not show it.</summary>
    public static FileBudget? OfThisProcess()
    {
        using var self = new ProcSelf(new ProcFileBuffer());
        var usage = default(ProcessUsage);
        return self.Read(ref usage).IsOk ? new FileBudget(usage.OpenFiles, usage.OpenFilesLimit) : null;
    }

    /// <summary>Files that network namespaces of pods and containers may take: what connections leave, and a few in any case.</summary>
    /// <param name="connections">Connections at a time.</param>
    public int Namespaces(int connections)
    {
        var taken = Open + Reserve + ((ulong)connections * FilesOfPlace);
        return Limit < taken + FewestOfNamespaces ? FewestOfNamespaces : (int)Math.Min(Limit - taken, MostOfNamespaces);
    }

    /// <summary>Returns how many concurrent connections leave enough files for the rest.</summary>
    /// <param name="wanted">Requested number of connections.</param>
    public int Connections(int wanted) =>
        Limit < Needed ? FewestPlaces : (int)Math.Min((Limit - Open - Reserve) / FilesOfPlace, (ulong)wanted);
}
