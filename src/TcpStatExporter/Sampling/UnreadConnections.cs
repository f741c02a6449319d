namespace TcpStatExporter.Sampling;

/// <summary>
/// Remembers from sweep to sweep which sockets had bytes in their receive queue that nobody had read. In bounded memory:
/// of more than <see cref="Capacity"/> sockets, those beyond it are told as read.
/// </summary>
internal sealed class UnreadConnections
{
    /// <summary>Sockets that are remembered.</summary>
    public const int Capacity = 65_536;

    private HashSet<ulong> _now = [];
    private HashSet<ulong> _before = [];

    /// <summary>Forgets the sockets of this sweep.</summary>
    public void Reset() => _now.Clear();

    /// <summary>Takes a socket that has unread bytes.</summary>
    /// <param name="id">Its cookie or, where the source does not tell, its inode.</param>
    /// <returns>True if it had some at the last sweep as well. False for one that is told twice.</returns>
    public bool Add(ulong id) => _now.Count < Capacity && _now.Add(id) && _before.Contains(id);

    /// <summary>Ends a sweep: its sockets are those of the sweep before the next one.</summary>
    public void End()
    {
        (_now, _before) = (_before, _now);
        _now.Clear();
    }
}
