namespace TcpStatExporter.Sampling;

/// <summary>
/// Remembers from sweep to sweep which sockets had unread bytes in their receive queue. Memory is bounded: with more than
/// <see cref="Capacity"/> sockets, the others are reported as read.
/// </summary>
internal sealed class UnreadConnections
{
    /// <summary>Maximum number of remembered sockets.</summary>
    public const int Capacity = 65_536;

    private HashSet<ulong> _now = [];
    private HashSet<ulong> _before = [];

    /// <summary>Removes the sockets of this sweep.</summary>
    public void Reset() => _now.Clear();

    /// <summary>Adds a socket with unread bytes.</summary>
    /// <param name="id">Its cookie, or its inode if the source does not report a cookie.</param>
    /// <returns>True if it also had unread bytes in the last sweep. False for a repetition.</returns>
    public bool Add(ulong id) => _now.Count < Capacity && _now.Add(id) && _before.Contains(id);

    /// <summary>Ends a sweep. Its sockets become those of the previous sweep.</summary>
    public void End()
    {
        (_now, _before) = (_before, _now);
        _now.Clear();
    }
}
