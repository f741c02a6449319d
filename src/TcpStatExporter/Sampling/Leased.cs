namespace TcpStatExporter.Sampling;

/// <summary>An object that a store returns by reference. While somebody holds a lease, nobody writes to it.</summary>
internal abstract class Leased
{
    /// <summary>Number of leases. Protected by the store's lock.</summary>
    public int Leases { get; set; }
}
