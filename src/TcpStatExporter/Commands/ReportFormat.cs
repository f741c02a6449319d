namespace TcpStatExporter.Commands;

/// <summary>Form of what a command prints.</summary>
internal enum ReportFormat
{
    Text,
    Json,
}
