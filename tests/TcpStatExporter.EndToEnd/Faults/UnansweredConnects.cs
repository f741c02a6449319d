using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Clients of a host that is silent, as behind a firewall that drops. They wait for a few rounds, and give up by close(2):
/// no AttemptFails, no resets, only SYNs that are sent again.
/// </summary>
internal sealed class UnansweredConnects : Fault
{
    private static readonly IPEndPoint Silent = new(IPAddress.Parse("10.99.0.1"), 5432);

    private readonly NetNamespace _ns;
    private readonly NetNamespace _nowhere = NetNamespace.Create();
    private readonly Queue<KernelSocket[]> _waiting = new();

    /// <summary>Makes the way to nowhere.</summary>
    /// <param name="ns">Where the clients are.</param>
    public UnansweredConnects(NetNamespace ns)
    {
        _ns = ns;
        try
        {
            // it does not forward, and says nothing
            var (_, gateway) = NetNamespace.Join(ns, _nowhere);
            ns.Exec("ip", "route", "add", $"{Silent.Address}", "via", $"{gateway}").Checked();
        }
        catch
        {
            _nowhere.Dispose();
            throw;
        }
    }

    /// <summary>A round.</summary>
    /// <param name="count">Clients that come.</param>
    /// <param name="rounds">For how many rounds a client waits.</param>
    public void Try(int count, int rounds) => Build(_ns, () =>
    {
        _waiting.Enqueue([.. Enumerable.Range(0, count).Select(_ => Keep(KernelSocket.Connecting(Silent)))]);
        if (_waiting.Count > rounds)
        {
            Array.ForEach(_waiting.Dequeue(), client => client.Dispose());
        }
    });

    /// <summary>Ends the way to nowhere too, once the clients are gone.</summary>
    public IDisposable Nowhere => _nowhere;
}
