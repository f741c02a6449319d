namespace TcpStatExporter.Metrics;

/// <summary>Returns the name of a row.</summary>
/// <param name="row">The row.</param>
/// <typeparam name="TRow">The type of a row.</typeparam>
/// <typeparam name="TName">The type of its name.</typeparam>
internal delegate TName NameOf<TRow, out TName>(in TRow row);
