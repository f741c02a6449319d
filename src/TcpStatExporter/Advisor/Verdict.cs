using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>The one line to read first.</summary>
/// <param name="Level">How things stand.</param>
/// <param name="Text">What is the matter: a sentence without its full stop.</param>
/// <param name="Also">What else there is, in a few words; empty where there is nothing.</param>
internal sealed record Verdict(VerdictLevel Level, string Text, string Also)
{
    /// <summary>What the rules said, as long as it is of now.</summary>
    /// <param name="lease">What was sampled last.</param>
    /// <param name="advice">What was said of it.</param>
    public static Verdict Of(in SampleLease lease, Advice advice) => lease.Sample.IsStale
        ? new Verdict(VerdictLevel.Unknown, $"The last sample is {lease.Age!.Value.TotalSeconds:0} s old: sampling has stalled", "")
        : advice.Verdict;
}
