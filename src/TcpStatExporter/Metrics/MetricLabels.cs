using System.Globalization;
using TcpStatExporter.Advisor;
using TcpStatExporter.Advisor.Rules;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Metrics;

/// <summary>Values of the labels that differ between the series of one subject. Each array is in the order of the page.</summary>
internal static class MetricLabels
{
    private static readonly TcpState[] NotListening = [.. TcpStates.Known.ToArray().Where(state => state != TcpState.Listen)];

    private static readonly Dictionary<IRule, int> Places = RuleBook.All.Select((rule, place) => (rule, place)).ToDictionary();

    /// <summary>For a family that has one series per subject.</summary>
    public static string[][] None { get; } = [[]];

    /// <summary>Values of <c>state</c>. After those of <see cref="TcpStates.Known"/> comes the one for unknown states.</summary>
    public static string[][] States { get; } = [.. TcpStates.Known.ToArray().Select(state => Of(state.Name())), ["unknown"]];

    /// <summary>
    /// Values of <c>state</c> for the connections of a listener, in the order of <see cref="ConnectionStates"/>.
    /// </summary>
    public static string[][] ListenerStates { get; } = [.. ConnectionStates.Select(state => Of(state.Name()))];

    /// <summary>Values of <c>reason</c> for the losses of a listener, by <see cref="LossReason"/>.</summary>
    public static string[][] Losses { get; } = [.. Enum.GetValues<LossReason>().Select(reason => Of(reason.Name()))];

    /// <summary>Values of <c>tier</c>.</summary>
    public static string[][] Tiers { get; } = [Of("counters"), Of("listeners")];

    /// <summary>Values of <c>source</c>, by <see cref="AnySource.All"/>.</summary>
    public static string[][] Sources { get; } = [.. AnySource.All.Select(source => Of(source.Name))];

    /// <summary>Values of <c>source</c> and <c>method</c>: every source with every <see cref="SourceMethod"/>.</summary>
    public static string[][] Methods { get; } =
        [.. AnySource.All.SelectMany(_ => Enum.GetValues<SourceMethod>(), (source, method) => new[] { source.Name, method.Name() })];

    /// <summary>
    /// Values of <c>source</c> and <c>reason</c>: every source with every <see cref="SourceError"/> that is counted.
    /// </summary>
    public static string[][] Errors { get; } =
        [.. AnySource.All.SelectMany(_ => Enumerable.Range((int)SourceError.NotFound, CountedErrors), (source, error) => new[] { source.Name, ((SourceError)error).Name() })];

    /// <summary>
    /// Values of <c>name</c> and <c>index</c>: first each parameter without an index, then each with three indexes.
    /// </summary>
    public static string[][] Sysctls { get; } =
    [
        .. SysctlExtensions.All.Select(sysctl => Of(sysctl.Name())),
        .. SysctlExtensions.All.SelectMany(_ => Enumerable.Range(0, MaxSysctlValues), (sysctl, i) => new[] { sysctl.Name(), Digit(i) }),
    ];

    /// <summary>Values of <c>id</c> and <c>severity</c>, by the index of a rule in <see cref="RuleBook.All"/>.</summary>
    public static string[][] Findings { get; } = [.. RuleBook.All.Select(rule => new[] { rule.Id, rule.Severity.Name() })];

    /// <summary>Returns the index of a rule in <see cref="Findings"/>.</summary>
    /// <param name="rule">The rule.</param>
    public static int FindingOf(IRule rule) => Places[rule];

    /// <summary>Values of <c>family</c>.</summary>
    public static string[][] Families { get; } = [["ipv4"], ["ipv6"]];

    /// <summary>Values of <c>level</c> of tcp_mem, in the kernel's order.</summary>
    public static string[][] Levels { get; } = [["low"], ["pressure"], ["high"]];

    /// <summary>Values of <c>reason</c> for packets dropped by connection tracking.</summary>
    public static string[][] ConntrackDrops { get; } = [["drop"], ["early_drop"], ["insert_failed"]];

    /// <summary>Values of <c>generation</c> for the garbage collector.</summary>
    public static string[][] Generations { get; } = [.. Enumerable.Range(0, GC.MaxGeneration + 1).Select(i => Of(Digit(i)))];

    /// <summary>Values of <c>version</c>, <c>revision</c> and <c>runtime</c>.</summary>
    public static string[][] Build { get; } = [[BuildInfo.Version, BuildInfo.Revision, BuildInfo.Runtime]];

    /// <summary>States that a listener's connection can be in.</summary>
    public static TcpState[] ConnectionStates => NotListening;

    /// <summary>Number of read errors that are counted.</summary>
    public static int CountedErrors => SourceError.Internal - SourceError.NotFound + 1;

    /// <summary>Maximum number of values of a kernel parameter.</summary>
    public static int MaxSysctlValues => 3;

    private static string[] Of(string value) => [value];

    private static string Digit(int value) => value.ToString(CultureInfo.InvariantCulture);
}
