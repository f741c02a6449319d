namespace TcpStatExporter.Top;

/// <summary>A part of the screen. Sections are stacked. Heights are in lines and include the title.</summary>
internal interface ISection
{
    /// <summary>Minimum height to show anything useful.</summary>
    int Least { get; }

    /// <summary>Height to show everything important.</summary>
    int Wanted { get; }

    /// <summary>Height to show everything.</summary>
    int Most { get; }

    /// <summary>Writes the section.</summary>
    /// <param name="height">Available height in lines. It writes no more than that.</param>
    IEnumerable<Line> Write(int height);
}
