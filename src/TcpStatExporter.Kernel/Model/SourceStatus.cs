namespace TcpStatExporter.Kernel.Model;

/// <summary>What came of reading one source this tick.</summary>
public enum SourceStatus : byte
{
    /// <summary>Not asked yet.</summary>
    NotRead = 0,

    /// <summary>Read; its section holds this tick's values.</summary>
    Ok,

    /// <summary>Could not be read; its section holds nothing that may be shown.</summary>
    Failed,

    /// <summary>This kernel, or this network namespace, does not have it. No error; its section holds nothing.</summary>
    Absent,
}
