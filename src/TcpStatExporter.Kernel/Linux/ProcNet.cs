namespace TcpStatExporter.Kernel.Linux;

/// <summary>The procfs directory that shows a network namespace.</summary>
/// <remarks>
/// <c>/proc/net</c> is a link to <c>self/net</c>, so it shows the namespace of the process's first thread
/// (fs/proc/proc_net.c, proc_tgid_net_lookup). <c>/proc/PID/net</c> shows the namespace of another process.
/// <c>/proc/thread-self/net</c> shows that of the calling thread, where a netlink socket is opened.
/// </remarks>
public static class ProcNet
{
    /// <summary>A file in this directory that every kernel with TCP has.</summary>
    private const string AnyFile = "tcp";

    /// <summary>Finds the directory.</summary>
    /// <param name="root">Root of procfs, or the directory of one process in it.</param>
    /// <returns>
    /// <c>ROOT/net</c>, or <c>ROOT/self/net</c> if procfs shows only processes (mount option subset=pid, systemd's
    /// ProcSubset=pid). Also <c>ROOT/net</c> if neither exists.
    /// </returns>
    public static string Folder(string root)
    {
        var usual = Path.Combine(root, "net");
        var own = Path.Combine(root, "self", "net");
        return !FileStamp.Of(usual).IsFolder && FileStamp.Of(own).IsFolder ? own : usual;
    }

    /// <summary>
    /// Returns true if a directory shows the network namespace of the calling thread. Each namespace has its own inode number
    /// for a file in this directory, the same in every procfs mount. Reading it needs no privilege.
    /// </summary>
    /// <param name="folder">The directory.</param>
    public static bool IsOfCallingThread(string folder)
    {
        var shown = FileStamp.Of(Path.Combine(folder, AnyFile)).Inode;

        // thread-self exists since Linux 3.17
        var own = FileStamp.Of("/proc/thread-self/net/" + AnyFile).Inode;
        return shown != 0 && shown == (own != 0 ? own : FileStamp.Of("/proc/self/net/" + AnyFile).Inode);
    }
}
