namespace TcpStatExporter.Metrics;

/// <summary>The name of a row.</summary>
/// <param name="row">The row.</param>
/// <typeparam name="TRow">What a row is.</typeparam>
/// <typeparam name="TName">What its name is.</typeparam>
internal delegate TName NameOf<TRow, out TName>(in TRow row);
