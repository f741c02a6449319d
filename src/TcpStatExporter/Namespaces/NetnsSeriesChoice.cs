namespace TcpStatExporter.Namespaces;

/// <summary>Which network namespaces have series of their own.</summary>
internal enum NetnsSeriesChoice
{
    /// <summary>Those that were in trouble.</summary>
    Trouble,

    /// <summary>All that have a name.</summary>
    All,
}
