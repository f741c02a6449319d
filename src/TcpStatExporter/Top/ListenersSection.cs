using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.View;

namespace TcpStatExporter.Top;

/// <summary>The listeners, one per line.</summary>
internal sealed class ListenersSection : ISection
{
    /// <summary>From this width on, there is room for connections by state and the time of the last drop.</summary>
    private const int Wide = 120;

    /// <summary>From this width on, there is room for how long connections wait.</summary>
    private const int Wider = 130;

    private const int LeastRows = 3;
    private const int WantedCalm = 4;
    private const int LeastEndpoint = 16;
    private const int LeastOwner = 12;
    private const int LeastBar = 6;
    private const int MostBar = 30;

    private readonly HostView _view;
    private readonly IReadOnlyList<ListenerView>? _listeners;
    private readonly TopState _state;
    private readonly Glyphs _glyphs;
    private readonly Column[] _columns;
    private readonly int _endpoint;
    private readonly int _owner;

    /// <summary>Creates the section.</summary>
    /// <param name="view">What to show.</param>
    /// <param name="state">Sort order and filter.</param>
    /// <param name="width">Width in columns.</param>
    /// <param name="glyphs">Characters for charts.</param>
    public ListenersSection(HostView view, TopState state, int width, Glyphs glyphs)
    {
        _view = view;
        _listeners = view.Listeners is null ? null : state.Select(view.Listeners);
        _state = state;
        _glyphs = glyphs;
        // numbers come first, names get the rest, and bars get what names leave
        var rest = width - Mark - 1 - Columns(width, LeastBar).Sum(column => column.Width);
        var longest = _listeners?.Select(listener => listener.Endpoint.Length).DefaultIfEmpty().Max() ?? 0;
        var longestOwner = _listeners?.Select(listener => listener.Identity.Owner.Length).DefaultIfEmpty().Max() ?? 0;
        _endpoint = Math.Min(Math.Max(LeastEndpoint, longest), Math.Max(LeastEndpoint, rest - Math.Max(LeastOwner, longestOwner)));
        _owner = Math.Clamp(rest - _endpoint, 0, Math.Max(LeastOwner, longestOwner));
        _columns = Columns(width, LeastBar + Math.Clamp(rest - _endpoint - _owner, 0, MostBar - LeastBar));
    }

    /// <inheritdoc/>
    public int Least => 1 + Math.Clamp(Count, 1, LeastRows);

    /// <inheritdoc/>
    public int Wanted => 1 + Math.Max(1, Math.Min(Count, (_listeners?.Count(listener => listener.Condition != ListenerCondition.None) ?? 0) + WantedCalm));

    /// <inheritdoc/>
    public int Most => 1 + Math.Max(1, Count);

    private static int Mark => 3;

    /// <summary>Number of lines below the title. Listeners beyond the limit of the flag share one line.</summary>
    private int Count => (_listeners?.Count ?? 0) + (_view.ListenersLeftOut > 0 ? 1 : 0);

    /// <inheritdoc/>
    public IEnumerable<Line> Write(int height)
    {
        yield return Title();
        if (_listeners is null)
        {
            yield return new Line().Add($"not known: listeners, {Reason.Of(_view[SourceId.Listeners])}", Palette.Warn);
            yield break;
        }

        var rows = height - 1;
        var shown = Count <= rows ? _listeners.Count : rows - 1;
        foreach (var listener in _listeners.Take(shown))
        {
            yield return Row(listener);
        }

        var rest = _listeners.Count - shown + _view.ListenersLeftOut;
        if (rest > 0)
        {
            yield return new Line().Add($"  and {rest} more", Palette.Dim);
        }
        else if (_listeners.Count == 0)
        {
            yield return new Line().Add(_state.Filter.Length > 0 ? $"  none has '{_state.Filter}'" : "  none", Palette.Dim);
        }
    }

    private Line Title()
    {
        var all = _view.Listeners?.Count ?? 0;
        var count = _listeners is null ? "" : _listeners.Count == all ? $" {all}" : $" {_listeners.Count} of {all}";
        var order = _state.Order == ListenerOrder.Condition ? "" : $" by {_state.Order.Name()}";
        var title = $"LISTENERS{count}{order}";
        var line = title.Length <= Mark + _endpoint - 1
            ? new Line().Left(title, Mark + _endpoint, _glyphs, Palette.Title).Add(" ").Left("owner", _owner, _glyphs, Palette.Dim)
            : new Line().Left(title, Mark + _endpoint + 1 + _owner, _glyphs, Palette.Title);
        foreach (var column in _columns)
        {
            line.Right(column.Title, column.Width, Palette.Dim);
        }

        return line;
    }

    private Line Row(ListenerView listener)
    {
        var style = Palette.Of(listener.Condition);
        var line = new Line()
            .Left(ConditionMark(listener.Condition), Mark, _glyphs, style)
            .Left(listener.Endpoint, _endpoint, _glyphs, style)
            .Add(" ")
            .Left(listener.Identity.Owner.Length > 0 ? Line.Clean(listener.Identity.Owner) : TerminalNumber.NotKnown, _owner, _glyphs, style);
        foreach (var column in _columns)
        {
            column.Write(line, listener, column.Width, style);
        }

        return line;
    }

    /// <summary>Returns a mark with the same meaning as the colour.</summary>
    private static string ConditionMark(ListenerCondition trouble) => trouble switch
    {
        ListenerCondition.Losing => "!!",
        ListenerCondition.Full => "!",
        ListenerCondition.None => "",
        _ => "*",
    };

    private Column[] Columns(int width, int bar) => width >= Wide
        ?
        [
            Text("queue/limit", 13, Queue),
            Bar(bar),
            Text("peak", 7, listener => TerminalNumber.Count(listener.QueuePeak)),
            .. width >= Wider ? [Text("waited", 8, Waited)] : Array.Empty<Column>(),
            Text("lost/s", 8, listener => TerminalNumber.Rate(listener.LostPerSecond)),
            Text("lost", 9, listener => TerminalNumber.Count(listener.Lost?.Total)),
            Text("last", 8, listener => listener.Lost is null ? TerminalNumber.NotKnown : listener.SinceLastLoss is { } age ? TerminalNumber.Age(age) : "-"),
            Text("SYN", 6, listener => TerminalNumber.Count(listener.SynQueue)),
            Text("peak", 6, listener => TerminalNumber.Count(listener.SynQueuePeak)),
            Text("estab", 7, listener => TerminalNumber.Count(listener.Connections?[TcpState.Established])),
            Text("cl-wait", 8, listener => TerminalNumber.Count(listener.Connections?[TcpState.CloseWait])),
            Text("t-wait", 7, listener => TerminalNumber.Count(listener.Connections?[TcpState.TimeWait])),
        ]
        :
        [
            Text("queue/limit", 12, Queue),
            Bar(bar),
            Text("peak", 6, listener => TerminalNumber.Count(listener.QueuePeak)),
            Text("lost/s", 7, listener => TerminalNumber.Rate(listener.LostPerSecond)),
            Text("SYN", 5, listener => TerminalNumber.Count(listener.SynQueue)),
            Text("conn", 6, listener => TerminalNumber.Count(listener.Connections?.Total)),
        ];

    private static string Queue(ListenerView listener) => $"{TerminalNumber.Count(listener.Queue)}/{TerminalNumber.Count(listener.QueueLimit)}";

    private static string Waited(ListenerView listener) => listener.Oldest is { } oldest ? oldest > 0 ? Words.Seconds(oldest) : "0" : TerminalNumber.NotKnown;

    private static Column Text(string title, int width, Func<ListenerView, string> text) =>
        new(title, width, (line, listener, columns, style) => line.Right(text(listener), columns, style));

    private Column Bar(int width) => new("", width, (line, listener, columns, _) => line
        .Add(" ")
        .Add(listener.Fill is { } fill ? _glyphs.Bar(fill, columns - 1) : new string(' ', columns - 1), Palette.OfRatio(listener.Fill)));

    private sealed record Column(string Title, int Width, Action<Line, ListenerView, int, Spectre.Console.Style> Write);
}
