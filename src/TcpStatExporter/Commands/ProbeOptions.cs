namespace TcpStatExporter.Commands;

/// <summary>What the command line asked of probe.</summary>
internal sealed record ProbeOptions
{
    /// <summary>Port whose listeners are looked at.</summary>
    public required int Port { get; init; }

    /// <summary>Largest fill of the accept queue that is well: length ÷ limit of the fullest socket.</summary>
    public required double MaxFill { get; init; }

    /// <summary>The answer is for agent-check of HAProxy.</summary>
    public required bool IsForHaproxy { get; init; }
}
