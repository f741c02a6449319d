namespace TcpStatExporter.Kernel.Model;

/// <summary>An AF_UNIX socket, as the kernel tells one that listens.</summary>
public ref struct UnixSocket
{
    /// <summary>What it is bound to, as the kernel keeps it; <see cref="UnixName"/> makes text of it. Empty if it is not bound.</summary>
    public ReadOnlySpan<byte> Name;

    /// <summary>Connections that wait to be accepted; valid if <see cref="HasQueue"/>.</summary>
    public uint QueueLength;

    /// <summary>What that may reach before connect(2) has to wait or fails: min(backlog, somaxconn); valid if <see cref="HasQueue"/>. The queue holds one more.</summary>
    public uint QueueLimit;

    /// <summary>Inode of the socket, the number in <c>/proc/PID/fd</c>.</summary>
    public uint Inode;

    /// <summary>The user that made it, as this process's user namespace numbers them; valid if <see cref="HasUid"/>.</summary>
    public uint Uid;

    /// <summary>State.</summary>
    public TcpState State;

    /// <summary>The kernel told the queue.</summary>
    public bool HasQueue;

    /// <summary>The kernel told the user: Linux 5.3.</summary>
    public bool HasUid;
}
