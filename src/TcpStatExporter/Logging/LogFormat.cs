namespace TcpStatExporter.Logging;

/// <summary>Form of the log lines.</summary>
internal enum LogFormat
{
    Text,
    Json,
    Logfmt,
}
