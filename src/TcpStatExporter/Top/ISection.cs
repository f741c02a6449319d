namespace TcpStatExporter.Top;

/// <summary>A part of the screen, one below the other. Heights are lines, its title included.</summary>
internal interface ISection
{
    /// <summary>What it needs to say anything.</summary>
    int Least { get; }

    /// <summary>What it needs to say all that matters.</summary>
    int Wanted { get; }

    /// <summary>What it needs to say all.</summary>
    int Most { get; }

    /// <summary>Writes it.</summary>
    /// <param name="height">Lines that it has; no more are written.</param>
    IEnumerable<Line> Write(int height);
}
