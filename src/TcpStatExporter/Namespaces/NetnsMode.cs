namespace TcpStatExporter.Namespaces;

/// <summary>Whether to sample network namespaces other than the host's own.</summary>
internal enum NetnsMode
{
    /// <summary>Sample their counters once a container is found, and their listeners if an opener lets the exporter do so.</summary>
    Auto,

    /// <summary>Do not sample them.</summary>
    Off,

    /// <summary>Sample their counters.</summary>
    Counters,

    /// <summary>Sample their counters and listeners.</summary>
    Listeners,
}
