using System.Net;
using TcpStatExporter.EndToEnd.Faults;

namespace TcpStatExporter.EndToEnd.Advisor;

/// <summary>Clients that keep connecting to a listener: its losses, or its full SYN queue, last as long as they do.</summary>
internal sealed class RestlessClients : IDisposable
{
    private const int Round = 20;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    private readonly ImpatientClients _clients;
    private readonly Thread _thread;
    private volatile bool _stopped;

    /// <summary>Starts the clients.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="listener">The listener.</param>
    public RestlessClients(NetNamespace ns, IPEndPoint listener)
    {
        _clients = new ImpatientClients(ns, listener);
        _thread = new Thread(Come) { IsBackground = true, Name = nameof(RestlessClients) };
        _thread.Start();
    }

    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
        _clients.Dispose();
    }

    private void Come()
    {
        while (!_stopped)
        {
            _clients.Come(Round);
            Thread.Sleep(Pace);
        }
    }
}
