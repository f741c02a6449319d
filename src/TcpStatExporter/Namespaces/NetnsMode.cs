namespace TcpStatExporter.Namespaces;

/// <summary>How far network namespaces other than the host's own are sampled.</summary>
internal enum NetnsMode
{
    /// <summary>As far as rights go, once a container is found.</summary>
    Auto,

    /// <summary>Not at all.</summary>
    Off,

    /// <summary>Their counters.</summary>
    Counters,
}
