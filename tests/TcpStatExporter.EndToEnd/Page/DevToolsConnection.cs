using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;

namespace TcpStatExporter.EndToEnd.Page;

/// <summary>
/// The DevTools protocol: JSON over one WebSocket. Each command is answered under its number, with events in between.
/// </summary>
internal sealed class DevToolsConnection : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket _socket;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _waiting = new();
    private readonly Lock _lock = new();
    private readonly Task _reading;
    private int _last;

    private DevToolsConnection(ClientWebSocket socket)
    {
        _socket = socket;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Receivers of a page's events, by session. They get name and parameters.</summary>
    public ConcurrentDictionary<string, Action<string, JsonElement>> Told { get; } = new(StringComparer.Ordinal);

    /// <summary>Opens the connection.</summary>
    /// <param name="connect">Connects to the browser.</param>
    /// <param name="address">The address that it printed.</param>
    public static DevToolsConnection Open(Func<Socket> connect, Uri address)
    {
        var socket = new ClientWebSocket();
        using var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new NetworkStream(connect(), ownsSocket: true)),
        });
        socket.ConnectAsync(address, client, CancellationToken.None).GetAwaiter().GetResult();
        return new DevToolsConnection(socket);
    }

    /// <summary>Sends a command and waits for the answer.</summary>
    /// <param name="session">The page. Null for the browser itself.</param>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <exception cref="InvalidOperationException">The browser refuses.</exception>
    /// <exception cref="TimeoutException">The browser does not answer.</exception>
    public JsonElement Send(string? session, string method, object? parameters = null)
    {
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        var id = Interlocked.Increment(ref _last);
        _waiting[id] = answer;
        var message = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["id"] = id,
            ["method"] = method,
            ["params"] = parameters ?? new object(),
            ["sessionId"] = session ?? "",
        }.Where(member => member.Value is not "").ToDictionary(StringComparer.Ordinal));
        lock (_lock)
        {
            _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).GetAwaiter().GetResult();
        }

        if (!answer.Task.Wait(AnswerLimit))
        {
            throw new TimeoutException($"no answer to {method}");
        }

        return answer.Task.Result.TryGetProperty("error", out var error)
            ? throw new InvalidOperationException($"{method}: {error.GetRawText()}")
            : answer.Task.Result.GetProperty("result");
    }

    /// <summary>Ends the browser.</summary>
    public void Close()
    {
        try
        {
            Send(session: null, "Browser.close");
        }
        catch (Exception exception) when (exception is WebSocketException or TimeoutException or AggregateException)
        {
            // it has already ended
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _reading.Wait(AnswerLimit);
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                message.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    Take(message.ToArray());
                    message.SetLength(0);
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // the browser has ended, or this was disposed
        }

        foreach (var waiting in _waiting.Values)
        {
            waiting.TrySetException(new WebSocketException("the browser has ended"));
        }
    }

    private void Take(byte[] message)
    {
        using var json = JsonDocument.Parse(message);
        var root = json.RootElement.Clone();
        if (root.TryGetProperty("id", out var id))
        {
            if (_waiting.TryRemove(id.GetInt32(), out var answer))
            {
                answer.SetResult(root);
            }

            return;
        }

        if (root.TryGetProperty("sessionId", out var session) && Told.TryGetValue(session.GetString()!, out var tell))
        {
            tell(root.GetProperty("method").GetString()!, root.GetProperty("params"));
        }
    }
}
