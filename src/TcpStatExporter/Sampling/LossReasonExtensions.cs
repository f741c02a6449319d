namespace TcpStatExporter.Sampling;

/// <summary>What reasons of loss are called.</summary>
internal static class LossReasonExtensions
{
    /// <summary>The name of a reason, in labels and reports.</summary>
    /// <param name="reason">The reason.</param>
    public static string Name(this LossReason reason) => reason switch
    {
        LossReason.AcceptQueue => "accept_queue",
        LossReason.SynQueue => "syn_queue",
        _ => "other",
    };
}
