using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Clients of a silent host, as behind a firewall that drops. They wait for some rounds and give up with close(2): no
/// AttemptFails, no resets, only retransmitted SYNs.
/// </summary>
internal sealed class UnansweredConnects : Fault
{
    private static readonly IPEndPoint Silent = new(IPAddress.Parse("10.99.0.1"), 5432);

    private readonly NetNamespace _ns;
    private readonly NetNamespace _nowhere = NetNamespace.Create();
    private readonly Queue<KernelSocket[]> _waiting = new();

    /// <summary>Creates the silent destination.</summary>
    /// <param name="ns">The namespace of the clients.</param>
    public UnansweredConnects(NetNamespace ns)
    {
        _ns = ns;
        try
        {
            // does not forward, and answers nothing
            var (_, gateway) = NetNamespace.Join(ns, _nowhere);
            ns.Exec("ip", "route", "add", $"{Silent.Address}", "via", $"{gateway}").Checked();
        }
        catch
        {
            _nowhere.Dispose();
            throw;
        }
    }

    /// <summary>Starts a round.</summary>
    /// <param name="count">Number of clients.</param>
    /// <param name="rounds">How many rounds a client waits.</param>
    public void Try(int count, int rounds) => Build(_ns, () =>
    {
        _waiting.Enqueue([.. Enumerable.Range(0, count).Select(_ => Keep(KernelSocket.Connecting(Silent)))]);
        if (_waiting.Count > rounds)
        {
            Array.ForEach(_waiting.Dequeue(), client => client.Dispose());
        }
    });

    /// <summary>Removes the silent destination too. Dispose it after the clients.</summary>
    public IDisposable Nowhere => _nowhere;
}
