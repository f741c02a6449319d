namespace TcpStatExporter.Sampling;

/// <summary>Names of the reasons of losses.</summary>
internal static class LossReasonExtensions
{
    /// <summary>Returns the name of a reason in labels and reports.</summary>
    /// <param name="reason">The reason.</param>
    public static string Name(this LossReason reason) => reason switch
    {
        LossReason.AcceptQueue => "accept_queue",
        LossReason.SynQueue => "syn_queue",
        _ => "other",
    };
}
