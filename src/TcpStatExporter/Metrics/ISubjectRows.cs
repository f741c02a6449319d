namespace TcpStatExporter.Metrics;

/// <summary>Rows of a sample and their subjects.</summary>
/// <typeparam name="TRow">A row.</typeparam>
internal interface ISubjectRows<TRow>
    where TRow : struct
{
    /// <summary>The rows.</summary>
    ReadOnlySpan<TRow> Rows { get; }

    /// <summary>The subject of each row.</summary>
    ReadOnlySpan<Subject> Subjects { get; }
}
