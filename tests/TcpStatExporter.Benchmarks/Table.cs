namespace TcpStatExporter.Benchmarks;

/// <summary>A Markdown table whose columns fit their content.</summary>
/// <param name="heads">Column headings.</param>
internal sealed class Table(params string[] heads)
{
    private readonly List<string[]> _rows = [heads];

    /// <summary>Adds a row.</summary>
    /// <param name="cells">One per column.</param>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Prints the table.</summary>
    public void Print()
    {
        var widths = heads.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        for (var i = 0; i < _rows.Count; i++)
        {
            Console.WriteLine($"| {string.Join(" | ", _rows[i].Select((cell, column) => cell.PadRight(widths[column])))} |");
            if (i == 0)
            {
                Console.WriteLine($"| {string.Join(" | ", widths.Select(width => new string('-', width)))} |");
            }
        }

        Console.WriteLine();
    }
}
