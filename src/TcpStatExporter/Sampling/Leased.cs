namespace TcpStatExporter.Sampling;

/// <summary>What a store hands out by reference: while somebody holds a lease, nobody writes to it.</summary>
internal abstract class Leased
{
    /// <summary>Leases that are held; guarded by the lock of the store.</summary>
    public int Leases { get; set; }
}
