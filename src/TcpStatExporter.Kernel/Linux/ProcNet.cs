namespace TcpStatExporter.Kernel.Linux;

/// <summary>The folder of procfs that shows a network namespace.</summary>
/// <remarks>
/// <c>/proc/net</c> is a link to <c>self/net</c>, and so shows the namespace of the process's first thread
/// (fs/proc/proc_net.c, proc_tgid_net_lookup). <c>/proc/PID/net</c> shows that of another process, and
/// <c>/proc/thread-self/net</c> that of the calling thread, which is where a netlink socket is opened.
/// </remarks>
public static class ProcNet
{
    /// <summary>One file in it that every kernel with TCP has.</summary>
    private const string AnyFile = "tcp";

    /// <summary>Finds the folder.</summary>
    /// <param name="root">Root of procfs, or the folder of one process in it.</param>
    /// <returns>
    /// <c>ROOT/net</c>; <c>ROOT/self/net</c> where procfs shows processes alone (mount option subset=pid, systemd's
    /// ProcSubset=pid). <c>ROOT/net</c> too where there is neither.
    /// </returns>
    public static string Folder(string root)
    {
        var usual = Path.Combine(root, "net");
        var own = Path.Combine(root, "self", "net");
        return !FileStamp.Of(usual).IsFolder && FileStamp.Of(own).IsFolder ? own : usual;
    }

    /// <summary>
    /// Whether a folder shows the network namespace of the calling thread. A file in there has an inode number that is
    /// the namespace's own, the same in every mount of procfs, and may be looked at without any privilege.
    /// </summary>
    /// <param name="folder">The folder.</param>
    public static bool IsOfCallingThread(string folder)
    {
        var shown = FileStamp.Of(Path.Combine(folder, AnyFile)).Inode;

        // thread-self came with Linux 3.17
        var own = FileStamp.Of("/proc/thread-self/net/" + AnyFile).Inode;
        return shown != 0 && shown == (own != 0 ? own : FileStamp.Of("/proc/self/net/" + AnyFile).Inode);
    }
}
