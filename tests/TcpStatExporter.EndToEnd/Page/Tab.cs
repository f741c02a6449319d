using System.Collections.Concurrent;
using System.Text.Json;
using Shouldly;

namespace TcpStatExporter.EndToEnd.Page;

/// <summary>A page in the browser, and the browser's complaints about it.</summary>
internal sealed class Tab : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly DevToolsConnection _connection;
    private readonly string _target;
    private readonly string _session;
    private readonly ConcurrentQueue<string> _complaints = new();
    private int _requests;

    /// <summary>Opens an empty page.</summary>
    /// <param name="connection">The browser.</param>
    public Tab(DevToolsConnection connection)
    {
        _connection = connection;
        _target = connection.Send(session: null, "Target.createTarget", new { url = "about:blank" }).GetProperty("targetId").GetString()!;
        _session = connection.Send(session: null, "Target.attachToTarget", new { targetId = _target, flatten = true }).GetProperty("sessionId").GetString()!;
        connection.Told[_session] = Take;
        foreach (var domain in (string[])["Page", "Runtime", "Log", "Network", "Audits"])
        {
            Send($"{domain}.enable");
        }
    }

    /// <summary>Number of requests that it has made.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The title of the window.</summary>
    public string Title => Text("document.title");

    /// <summary>Sends it a command.</summary>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">Its parameters.</param>
    public JsonElement Send(string method, object? parameters = null) => _connection.Send(_session, method, parameters);

    /// <summary>Loads a page and waits until it is complete.</summary>
    /// <param name="address">Its address.</param>
    public void Load(Uri address)
    {
        Send("Page.navigate", new { url = address.AbsoluteUri }).TryGetProperty("errorText", out var error).ShouldBeFalse(error.ToString());
        Until("location.href !== 'about:blank' && document.readyState === 'complete'");
    }

    /// <summary>Returns the value of an expression. The test's script runs even if the page's own scripts may not.</summary>
    /// <param name="expression">JavaScript.</param>
    public JsonElement Evaluate(string expression)
    {
        var answer = Send("Runtime.evaluate", new { expression, returnByValue = true, awaitPromise = true });
        answer.TryGetProperty("exceptionDetails", out var exception).ShouldBeFalse($"{expression}: {exception}");
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    /// <summary>Returns the value of an expression as text.</summary>
    /// <param name="expression">JavaScript.</param>
    public string Text(string expression) => Evaluate($"String({expression})").GetString()!;

    /// <summary>Waits until an expression is true.</summary>
    /// <param name="expression">JavaScript.</param>
    /// <param name="seconds">Time limit.</param>
    public void Until(string expression, double seconds = 30) => Wait.Until(
        () => Evaluate($"Boolean({expression})").ValueKind == JsonValueKind.True,
        () => $"{expression}; it shows:\n{Text("document.body.innerText")}\n{string.Join('\n', _complaints)}",
        TimeSpan.FromSeconds(seconds),
        Pause);

    /// <summary>Waits until an expression is true, which it must be after a few refreshes, however long each one takes.</summary>
    /// <param name="expression">JavaScript.</param>
    /// <param name="refreshes">Maximum number of refreshes before it is true.</param>
    public void UntilSoon(string expression, int refreshes = 4)
    {
        Evaluate($$"""
            (() => {
              const without = window.without = new Set();
              new MutationObserver(() => {
                if (!({{expression}})) without.add(document.querySelector('time').textContent);
              }).observe(document, { subtree: true, childList: true, characterData: true });
            })()
            """);
        Until(expression, seconds: 30);
        Evaluate("window.without.size").GetInt32().ShouldBeLessThanOrEqualTo(refreshes);
    }

    /// <summary>Waits until the page has been refreshed some times.</summary>
    /// <param name="times">Number of refreshes.</param>
    public void UntilRefreshed(int times)
    {
        for (var i = 0; i < times; i++)
        {
            var time = Text("document.querySelector('time').textContent");
            Until($"document.querySelector('time').textContent !== '{time}'");
        }
    }

    /// <summary>Clicks the middle of an element, like a mouse.</summary>
    /// <param name="selector">The element: the first match.</param>
    public void Click(string selector)
    {
        var middle = Evaluate($$"""
            (() => {
              const element = document.querySelector({{JsonSerializer.Serialize(selector)}});
              element.scrollIntoView({ block: 'center', behavior: 'instant' });
              const box = element.getBoundingClientRect();
              return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
            })()
            """);
        foreach (var type in (string[])["mousePressed", "mouseReleased"])
        {
            Send("Input.dispatchMouseEvent", new { type, x = middle.GetProperty("x").GetDouble(), y = middle.GetProperty("y").GetDouble(), button = "left", clickCount = 1 });
        }
    }

    /// <summary>Saves a screenshot of the window.</summary>
    /// <param name="path">Path of the file.</param>
    public void Shoot(string path) => File.WriteAllBytes(path, Send("Page.captureScreenshot", new { format = "png" }).GetProperty("data").GetBytesFromBase64());

    /// <summary>Returns the browser's complaints since the last call: errors, warnings, exceptions, policy violations.</summary>
    public IReadOnlyList<string> TakeComplaints()
    {
        var complaints = _complaints.ToArray();
        _complaints.Clear();
        return complaints;
    }

    public void Dispose()
    {
        _connection.Told.TryRemove(_session, out _);
        _connection.Send(session: null, "Target.closeTarget", new { targetId = _target });
        _complaints.ShouldBeEmpty();
    }

    private void Take(string method, JsonElement parameters)
    {
        var isComplaint = method switch
        {
            "Runtime.exceptionThrown" or "Audits.issueAdded" => true,
            "Runtime.consoleAPICalled" => parameters.GetProperty("type").GetString() is "error" or "warning" or "assert",
            "Log.entryAdded" => parameters.GetProperty("entry").GetProperty("level").GetString() is "error" or "warning",
            _ => false,
        };
        if (isComplaint)
        {
            _complaints.Enqueue($"{method} {parameters.GetRawText()}");
        }

        if (method == "Network.requestWillBeSent")
        {
            Interlocked.Increment(ref _requests);
        }
    }
}
