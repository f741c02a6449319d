namespace TcpStatExporter.Logging;

/// <summary>Format of the log lines.</summary>
internal enum LogFormat
{
    Text,
    Json,
    Logfmt,
}
