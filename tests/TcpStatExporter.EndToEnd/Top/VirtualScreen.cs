using System.Text;

namespace TcpStatExporter.EndToEnd.Top;

/// <summary>Interprets bytes like a terminal, as far as all terminals agree. Other sequences are recorded as unknown.</summary>
internal sealed class VirtualScreen
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly char[][] _cells;
    private readonly StringBuilder _sequence = new();
    private int _row;
    private int _column;
    private bool _isResized;

    /// <summary>Creates an empty screen.</summary>
    public VirtualScreen(int columns, int rows)
    {
        Columns = columns;
        Rows = rows;
        _cells = [.. Enumerable.Range(0, rows).Select(_ => Blank(columns))];
    }

    /// <summary>Width in columns.</summary>
    public int Columns { get; }

    /// <summary>Height in rows.</summary>
    public int Rows { get; }

    /// <summary>True if the cursor is visible.</summary>
    public bool IsCursorVisible { get; private set; } = true;

    /// <summary>True on the alternate screen, which full-screen programs use and leave at the end.</summary>
    public bool IsAlternate { get; private set; }

    /// <summary>True if arrows and the keypad send application codes, which shells do not expect.</summary>
    public bool IsKeypadForApplications { get; private set; }

    /// <summary>Number of lines that scrolled off the top.</summary>
    public int Scrolled { get; private set; }

    /// <summary>Sequences that not every terminal supports.</summary>
    public List<string> Unheard { get; private set; } = [];

    /// <summary>The lines of the screen.</summary>
    public string[] Lines => [.. _cells.Select(row => new string(row).TrimEnd())];

    /// <inheritdoc cref="Lines"/>
    public string Text => string.Join('\n', Lines);

    /// <summary>
    /// Returns the same terminal with another size, empty. Whatever scrolls it before it is cleared was drawn for the old
    /// size.
    /// </summary>
    public VirtualScreen Resized(int columns, int rows) =>
        new(columns, rows) { IsCursorVisible = IsCursorVisible, IsAlternate = IsAlternate, IsKeypadForApplications = IsKeypadForApplications, Unheard = Unheard, _isResized = true };

    /// <summary>Processes bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        var chars = new char[bytes.Length + 1];
        foreach (var c in chars.AsSpan(0, _decoder.GetChars(bytes, chars, flush: false)))
        {
            Write(c);
        }
    }

    private static char[] Blank(int columns)
    {
        var row = new char[columns];
        Array.Fill(row, ' ');
        return row;
    }

    private void Write(char c)
    {
        if (_sequence.Length > 0)
        {
            _sequence.Append(c);
            if (_sequence.Length > 2 ? c is >= '@' and <= '~' : c != '[')
            {
                Act(_sequence.ToString());
                _sequence.Clear();
            }
        }
        else if (c == '\e')
        {
            _sequence.Append(c);
        }
        else if (c == '\r')
        {
            _column = 0;
        }
        else if (c == '\n')
        {
            NextRow();
        }
        else if (c >= ' ')
        {
            if (_column == Columns)
            {
                _column = 0;
                NextRow();
            }

            _cells[_row][_column++] = c;
        }
        else
        {
            Unheard.Add($"\\x{(int)c:x2}");
        }
    }

    private void NextRow()
    {
        if (_row < Rows - 1)
        {
            _row++;
            return;
        }

        Scrolled++;
        Array.Copy(_cells, 1, _cells, 0, Rows - 1);
        _cells[^1] = Blank(Columns);
    }

    private void Act(string sequence)
    {
        switch (sequence)
        {
            case "\e[H":
                (_row, _column) = (0, 0);
                break;
            case "\e[2J":
                foreach (var row in _cells)
                {
                    Array.Fill(row, ' ');
                }

                Scrolled = _isResized ? 0 : Scrolled;
                _isResized = false;
                break;
            case "\e[K":
                _cells[_row].AsSpan(Math.Min(_column, Columns - 1)).Fill(' ');
                break;
            case "\e[?25l" or "\e[?25h":
                IsCursorVisible = sequence[^1] == 'h';
                break;
            case "\e[?1049h" or "\e[?1049l":
                IsAlternate = sequence[^1] == 'h';
                break;
            case "\e[?1h" or "\e[?1l" or "\e=" or "\e>":
                IsKeypadForApplications = sequence[^1] is 'h' or '=';
                break;
            default:
                if (sequence[^1] != 'm')
                {
                    Unheard.Add(sequence.Replace("\e", "ESC ", StringComparison.Ordinal));
                }

                break;
        }
    }
}
