using TcpStatExporter.View;

namespace TcpStatExporter.Top;

/// <summary>What the user has chosen with keys.</summary>
internal sealed class TopState
{
    private const byte ControlC = 3;
    private const byte Backspace = 8;
    private const byte ControlU = 21;
    private const byte Escape = 27;
    private const byte Delete = 127;
    private const int LongestFilter = 40;

    /// <summary>Sort order of the listeners.</summary>
    public ListenerOrder Order { get; private set; }

    /// <summary>Show only listeners with this text in their address, port or owner. Empty: all.</summary>
    public string Filter { get; private set; } = "";

    /// <summary>The user is typing the filter.</summary>
    public bool IsTyping { get; private set; }

    /// <summary>The screen is paused.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>The help for the keys is shown.</summary>
    public bool IsHelp { get; private set; }

    /// <summary>The user wants to quit.</summary>
    public bool IsQuit { get; private set; }

    /// <summary>Handles what the terminal sent: keys, and escape sequences that mean nothing here.</summary>
    /// <param name="keys">The bytes of one read.</param>
    public void Press(ReadOnlySpan<byte> keys)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i] == Escape && i + 1 < keys.Length && keys[i + 1] is (byte)'[' or (byte)'O')
            {
                i = EndOfSequence(keys, i + 2);
            }
            else if (keys[i] == ControlC)
            {
                IsQuit = true;
            }
            else if (IsTyping)
            {
                Type(keys[i]);
            }
            else
            {
                Command(keys[i]);
            }
        }
    }

    /// <summary>Returns the listeners to show, in order.</summary>
    /// <param name="listeners">All listeners. Those with problems come first.</param>
    public IReadOnlyList<ListenerView> Select(IReadOnlyList<ListenerView> listeners)
    {
        var shown = Filter.Length == 0 ? listeners : listeners.Where(Fits);
        return [.. Order switch
        {
            ListenerOrder.Fill => shown.OrderByDescending(listener => listener.Fill ?? -1).ThenByDescending(listener => listener.FillPeak ?? -1),
            ListenerOrder.Lost => shown.OrderByDescending(listener => listener.LostPerSecond ?? -1).ThenByDescending(listener => listener.Lost?.Total ?? 0),
            ListenerOrder.Connections => shown.OrderByDescending(listener => listener.Connections?.Total ?? -1),
            ListenerOrder.Port => shown.OrderBy(listener => listener.Identity.Port).ThenBy(listener => listener.Endpoint, StringComparer.Ordinal),
            _ => shown,
        }];
    }

    private static int EndOfSequence(ReadOnlySpan<byte> keys, int i)
    {
        while (i < keys.Length && keys[i] is < (byte)'@' or > (byte)'~')
        {
            i++;
        }

        return i;
    }

    private bool Fits(ListenerView listener) =>
        listener.Endpoint.Contains(Filter, StringComparison.OrdinalIgnoreCase) || listener.Identity.Owner.Contains(Filter, StringComparison.OrdinalIgnoreCase);

    private void Type(byte key)
    {
        switch (key)
        {
            case (byte)'\r' or (byte)'\n':
                IsTyping = false;
                break;
            case Escape:
                IsTyping = false;
                Filter = "";
                break;
            case Backspace or Delete:
                Filter = Filter.Length > 0 ? Filter[..^1] : "";
                break;
            case ControlU:
                Filter = "";
                break;
            case >= (byte)' ' and <= (byte)'~' when Filter.Length < LongestFilter:
                Filter += (char)key;
                break;
        }
    }

    private void Command(byte key)
    {
        // any key closes the help, and a key with a function also does its job
        var wasHelp = IsHelp;
        IsHelp = false;
        switch (key)
        {
            case (byte)'q' or (byte)'Q':
                IsQuit = true;
                break;
            case (byte)'s' or (byte)'S':
                Order = Order == ListenerOrder.Port ? ListenerOrder.Condition : Order + 1;
                break;
            case (byte)'/':
                IsTyping = true;
                break;
            case (byte)'p' or (byte)'P' or (byte)' ':
                IsPaused = !IsPaused;
                break;
            case (byte)'?' or (byte)'h':
                IsHelp = !wasHelp;
                break;
            case Escape when !wasHelp:
                Filter = "";
                break;
        }
    }
}
