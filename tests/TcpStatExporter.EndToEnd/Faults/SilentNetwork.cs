using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Addresses that never answer, as behind a firewall that drops: packets leave on a link whose other end is not their
/// destination. connect(2) stays in SYN_SENT until the client gives up.
/// </summary>
internal sealed class SilentNetwork : IDisposable
{
    private const string Gateway = "10.201.0.77";

    private readonly NetNamespace _other = NetNamespace.Create();

    /// <summary>Creates 10.99.0.0/16, reachable from a namespace that has no link yet.</summary>
    /// <param name="ns">The namespace of the clients.</param>
    public SilentNetwork(NetNamespace ns)
    {
        try
        {
            NetNamespace.Join(ns, _other);
            ns.Exec("ip", "neighbour", "add", Gateway, "lladdr", "02:00:0a:c9:ff:77", "dev", "veth0", "nud", "permanent").Checked();
            ns.Exec("ip", "route", "add", "10.99.0.0/16", "via", Gateway, "dev", "veth0").Checked();
        }
        catch
        {
            _other.Dispose();
            throw;
        }
    }

    /// <summary>Returns one of the addresses.</summary>
    /// <param name="number">From 1 to 65,534.</param>
    public static IPAddress Address(int number) => new([10, 99, (byte)(number >> 8), (byte)number]);

    public void Dispose() => _other.Dispose();
}
