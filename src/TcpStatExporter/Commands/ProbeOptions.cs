namespace TcpStatExporter.Commands;

/// <summary>Options of the probe command.</summary>
internal sealed record ProbeOptions
{
    /// <summary>Port of the listeners to check.</summary>
    public required int Port { get; init; }

    /// <summary>Maximum healthy fill of the accept queue: length ÷ limit of the fullest socket.</summary>
    public required double MaxFill { get; init; }

    /// <summary>Maximum healthy wait in the accept queue. Null: not checked.</summary>
    public required TimeSpan? MaxWait { get; init; }

    /// <summary>Print the answer for HAProxy's agent-check.</summary>
    public required bool IsForHaproxy { get; init; }
}
