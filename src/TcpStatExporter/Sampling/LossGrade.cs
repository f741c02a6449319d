namespace TcpStatExporter.Sampling;

/// <summary>The strength of the evidence that a queue overflowed, strongest last.</summary>
internal enum LossGrade
{
    /// <summary>Only discarded packets.</summary>
    Possible,

    /// <summary>The queue was half full in a read, or its socket was proven to lose connections within the last minute.</summary>
    Likely,

    /// <summary>The queue was full in this read or in the last one.</summary>
    Seen,
}
