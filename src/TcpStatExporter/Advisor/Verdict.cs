using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>The one line to read first.</summary>
/// <param name="Level">The level.</param>
/// <param name="Text">What is wrong: a sentence without its full stop.</param>
/// <param name="Also">What else there is, in a few words. Empty if nothing.</param>
internal sealed record Verdict(VerdictLevel Level, string Text, string Also)
{
    /// <summary>Returns the verdict of the advice, if it is still current.</summary>
    /// <param name="lease">The last sample.</param>
    /// <param name="advice">The advice on it.</param>
    public static Verdict Of(in SampleLease lease, Advice advice) => lease.Sample.IsStale
        ? new Verdict(VerdictLevel.Unknown, $"The last sample is {lease.Age!.Value.TotalSeconds:0} s old: sampling has stalled", "")
        : advice.Verdict;
}
