using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// Replaces the on-call engineer's phone: a small HTTP server in the namespace that records every alert delivered as firing
/// (webhook format, version 4).
/// </summary>
internal sealed class WebhookReceiver : IDisposable
{
    private static readonly byte[] Accepted = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray();

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Alert> _received = new(StringComparer.Ordinal);
    private readonly List<IReadOnlyList<Alert>> _notifications = [];
    private readonly List<Exception> _failures = [];
    private readonly KernelSocket _listener;
    private readonly Thread _thread;
    private volatile bool _stopped;

    /// <summary>Listens on a port of the namespace's loopback.</summary>
    /// <param name="ns">The namespace.</param>
    public WebhookReceiver(NetNamespace ns)
    {
        _listener = ns.Run(() => KernelSocket.Listener(IPAddress.Loopback, backlog: 128));
        Address = _listener.LocalEndPoint;
        _thread = new Thread(Serve) { IsBackground = true, Name = nameof(WebhookReceiver) };
        _thread.Start();
    }

    /// <summary>The address that it listens on.</summary>
    public IPEndPoint Address { get; }

    /// <summary>All delivered alerts, once per set of labels.</summary>
    /// <exception cref="AggregateException">A delivery could not be parsed.</exception>
    public IReadOnlyList<Alert> Received
    {
        get
        {
            lock (_lock)
            {
                return _failures.Count == 0 ? [.. _received.Values] : throw new AggregateException(_failures);
            }
        }
    }

    /// <summary>All notifications, with the firing alerts in each.</summary>
    public IReadOnlyList<IReadOnlyList<Alert>> Notifications
    {
        get
        {
            lock (_lock)
            {
                return [.. _notifications];
            }
        }
    }

    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
        _listener.Dispose();
    }

    /// <summary>Returns the body of a request with a Content-Length, which Alertmanager always sends.</summary>
    private static ReadOnlyMemory<byte> ReadBody(Stream stream)
    {
        var request = new ArrayBufferWriter<byte>();
        int headers;
        while ((headers = request.WrittenSpan.IndexOf("\r\n\r\n"u8)) < 0)
        {
            Receive();
        }

        var length = Encoding.ASCII.GetString(request.WrittenSpan[..headers])
            .Split("\r\n")
            .Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            .Select(line => int.Parse(line.Split(':')[1].Trim(), NumberStyles.None, CultureInfo.InvariantCulture))
            .Single();
        var body = headers + 4;
        while (request.WrittenCount < body + length)
        {
            Receive();
        }

        return request.WrittenMemory.Slice(body, length);

        void Receive()
        {
            var count = stream.Read(request.GetSpan(4096));
            request.Advance(count > 0 ? count : throw new EndOfStreamException());
        }
    }

    private void Serve()
    {
        using var listener = new Socket(new SafeSocketHandle(_listener.DangerousGetHandle(), ownsHandle: false));
        while (!_stopped)
        {
            try
            {
                if (!listener.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead))
                {
                    continue;
                }

                using var socket = listener.Accept();
                using var stream = new NetworkStream(socket);
                Remember(ReadBody(stream));
                stream.Write(Accepted);
            }
            catch (Exception exception)
            {
                lock (_lock)
                {
                    _failures.Add(exception);
                }
            }
        }
    }

    private void Remember(ReadOnlyMemory<byte> body)
    {
        using var message = JsonDocument.Parse(body);
        var route = message.RootElement.GetProperty("receiver").GetString()!;
        var firing = message.RootElement.GetProperty("alerts").EnumerateArray()
            .Where(element => element.GetProperty("status").GetString() is "firing")
            .Select(element => new Alert(Strings(element.GetProperty("labels")), Strings(element.GetProperty("annotations")), route))
            .ToArray();
        lock (_lock)
        {
            _notifications.Add(firing);
            foreach (var alert in firing)
            {
                _received.TryAdd(alert.ToString(), alert);
            }
        }

        static Dictionary<string, string> Strings(JsonElement element) =>
            element.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString()!, StringComparer.Ordinal);
    }
}
