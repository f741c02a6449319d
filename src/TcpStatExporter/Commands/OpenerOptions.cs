namespace TcpStatExporter.Commands;

/// <summary>Options of the opener command.</summary>
internal sealed record OpenerOptions
{
    /// <summary>Path of the socket to create. Not used if systemd passes one.</summary>
    public required string Socket { get; init; }

    /// <summary>Unit in system.slice whose processes may use the opener.</summary>
    public required string ClientUnit { get; init; }

    /// <summary>Id of a user who may use it. Null: only root, its own user and the unit.</summary>
    public uint? ClientUid { get; init; }
}
