namespace TcpStatExporter.Kernel.Model;

/// <summary>The result of reading one source in this tick.</summary>
public enum SourceStatus : byte
{
    /// <summary>Not read yet.</summary>
    NotRead = 0,

    /// <summary>Read. Its section holds the values of this tick.</summary>
    Ok,

    /// <summary>Could not be read. Its section holds nothing that may be shown.</summary>
    Failed,

    /// <summary>This kernel or network namespace does not have it. Not an error. Its section is empty.</summary>
    Absent,
}
