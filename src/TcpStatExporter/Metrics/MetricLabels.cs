using System.Globalization;
using TcpStatExporter.Advisor.Rules;
using TcpStatExporter.Exposition;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Metrics;

/// <summary>Label sets that are the same at every scrape, encoded once.</summary>
internal static class MetricLabels
{
    private static readonly string[] StateNames =
    [
        "unknown", "established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2", "time_wait", "close", "close_wait",
        "last_ack", "listen", "closing",
    ];

    private static readonly LabelSet[] States = [.. StateNames.Select(name => LabelSet.Empty.With("state", name))];

    private static readonly LabelSet[] Sources = [.. Enum.GetValues<SourceId>().Select(id => LabelSet.Empty.With("source", id.ToSnakeCase()))];

    private static readonly LabelSet[][] Errors =
        [.. Sources.Select(source => Enum.GetValues<SourceError>().Select(error => source.With("reason", error.ToSnakeCase())).ToArray())];

    private static readonly LabelSet[][] Methods =
        [.. Sources.Select(source => Enum.GetValues<SourceMethod>().Select(method => source.With("method", method.ToSnakeCase())).ToArray())];

    private static readonly LabelSet[] Sysctls = [.. SysctlExtensions.All.Select(sysctl => LabelSet.Empty.With("name", sysctl.Name()))];

    private static readonly LabelSet[] Indexes =
        [.. Enumerable.Range(0, 3).Select(i => LabelSet.Empty.With("index", i.ToString(CultureInfo.InvariantCulture)))];

    private static readonly LabelSet[] Findings =
        [.. RuleBook.All.Select(rule => LabelSet.Empty.With("id", rule.Id).With("severity", rule.Severity.ToSnakeCase()))];

    private static readonly LabelSet[] Reasons = [.. Enum.GetValues<LossReason>().Select(reason => LabelSet.Empty.With("reason", reason.ToSnakeCase()))];

    /// <summary>States that are always exported, in the order of the exposition.</summary>
    public static ReadOnlySpan<TcpState> KnownStates =>
    [
        TcpState.Established, TcpState.SynSent, TcpState.SynRecv, TcpState.FinWait1, TcpState.FinWait2, TcpState.TimeWait,
        TcpState.Close, TcpState.CloseWait, TcpState.LastAck, TcpState.Listen, TcpState.Closing,
    ];

    public static LabelSet IPv4 { get; } = LabelSet.Empty.With("family", "ipv4");

    public static LabelSet IPv6 { get; } = LabelSet.Empty.With("family", "ipv6");

    public static LabelSet Low { get; } = LabelSet.Empty.With("level", "low");

    public static LabelSet Pressure { get; } = LabelSet.Empty.With("level", "pressure");

    public static LabelSet High { get; } = LabelSet.Empty.With("level", "high");

    public static LabelSet Build { get; } = LabelSet.Empty
        .With("version", BuildInfo.Version)
        .With("revision", BuildInfo.Revision)
        .With("runtime", BuildInfo.Runtime);

    public static IReadOnlyList<LabelSet> Generations { get; } =
        [.. Enumerable.Range(0, GC.MaxGeneration + 1).Select(i => LabelSet.Empty.With("generation", i.ToString(CultureInfo.InvariantCulture)))];

    /// <summary>The label of a state; <see cref="TcpState.None"/> stands for the unknown ones.</summary>
    public static LabelSet State(TcpState state) => States[(int)state];

    /// <summary>The label of a reason of loss.</summary>
    public static LabelSet Reason(LossReason reason) => Reasons[(int)reason];

    public static LabelSet Source(SourceId id) => Sources[(int)id];

    public static LabelSet Error(SourceId id, SourceError error) => Errors[(int)id][(int)error];

    public static LabelSet Method(SourceId id, SourceMethod method) => Methods[(int)id][(int)method];

    public static LabelSet Sysctl(Sysctl sysctl) => Sysctls[(int)sysctl];

    public static LabelSet Index(int index) => Indexes[index];

    /// <summary>The labels of a rule, by its place in <see cref="RuleBook.All"/>.</summary>
    public static LabelSet Finding(int index) => Findings[index];
}
