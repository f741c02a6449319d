namespace TcpStatExporter.Sampling;

/// <summary>What the series of AF_UNIX listeners of one name are called. One object as long as they are known.</summary>
/// <param name="path">The path, or <c>@</c> and an abstract name.</param>
/// <param name="unit">systemd unit or container that holds the socket; empty where unknown.</param>
/// <param name="netns">Network namespace that it is in; empty for the host's own.</param>
internal sealed class UnixIdentity(string path, string unit, string netns = "")
{
    /// <summary>The path, or <c>@</c> and an abstract name.</summary>
    public string Path { get; } = path;

    /// <summary>systemd unit or container that holds the socket; empty where unknown.</summary>
    public string Unit { get; } = unit;

    /// <summary>Network namespace that it is in; empty for the host's own.</summary>
    public string Netns { get; } = netns;

    /// <summary>The path and, where it is known, the unit, for people.</summary>
    public string Text { get; } = unit.Length > 0 ? $"{path} ({unit})" : path;
}
