namespace TcpStatExporter.Sampling;

/// <summary>How strong the evidence is that a queue overflowed, the strongest last.</summary>
internal enum LossGrade
{
    /// <summary>Nothing but discarded packets.</summary>
    Possible,

    /// <summary>The queue was half full at a look, or its socket was proven to lose connections within the last minute.</summary>
    Likely,

    /// <summary>The queue was full at this look or at the last one.</summary>
    Seen,
}
