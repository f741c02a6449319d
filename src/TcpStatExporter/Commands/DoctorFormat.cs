namespace TcpStatExporter.Commands;

/// <summary>Form of the doctor's report.</summary>
internal enum DoctorFormat
{
    Text,
    Json,
}
