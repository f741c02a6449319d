namespace TcpStatExporter.Commands;

/// <summary>Format of a command's output.</summary>
internal enum ReportFormat
{
    Text,
    Json,
}
