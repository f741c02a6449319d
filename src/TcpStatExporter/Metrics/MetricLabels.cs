using System.Globalization;
using TcpStatExporter.Advisor;
using TcpStatExporter.Advisor.Rules;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Metrics;

/// <summary>Values of the labels that tell the series of one subject apart. Each array is in the order of the page.</summary>
internal static class MetricLabels
{
    private static readonly TcpState[] NotListening = [.. TcpStates.Known.ToArray().Where(state => state != TcpState.Listen)];

    private static readonly Dictionary<IRule, int> Places = RuleBook.All.Select((rule, place) => (rule, place)).ToDictionary();

    /// <summary>A family that has one series for each subject.</summary>
    public static string[][] None { get; } = [[]];

    /// <summary>Values of <c>state</c>, and behind those of <see cref="TcpStates.Known"/> that of a state never heard of.</summary>
    public static string[][] States { get; } = [.. TcpStates.Known.ToArray().Select(state => Of(state.Name())), ["unknown"]];

    /// <summary>Values of <c>state</c> of the connections that a listener has, in the order of <see cref="ConnectionStates"/>.</summary>
    public static string[][] ListenerStates { get; } = [.. ConnectionStates.Select(state => Of(state.Name()))];

    /// <summary>Values of <c>reason</c> of what a listener lost, by <see cref="LossReason"/>.</summary>
    public static string[][] Losses { get; } = [.. Enum.GetValues<LossReason>().Select(reason => Of(reason.Name()))];

    /// <summary>Values of <c>source</c>, by <see cref="SourceId"/>.</summary>
    public static string[][] Sources { get; } = [.. Enum.GetValues<SourceId>().Select(id => Of(id.Name()))];

    /// <summary>Values of <c>source</c> and <c>method</c>: each source by each <see cref="SourceMethod"/>.</summary>
    public static string[][] Methods { get; } =
        [.. Enum.GetValues<SourceId>().SelectMany(_ => Enum.GetValues<SourceMethod>(), (id, method) => new[] { id.Name(), method.Name() })];

    /// <summary>Values of <c>source</c> and <c>reason</c>: each source by each <see cref="SourceError"/> that can be counted.</summary>
    public static string[][] Errors { get; } =
        [.. Enum.GetValues<SourceId>().SelectMany(_ => Enumerable.Range((int)SourceError.NotFound, CountedErrors), (id, error) => new[] { id.Name(), ((SourceError)error).Name() })];

    /// <summary>Values of <c>name</c> and <c>index</c>: first each parameter alone, then each with three indexes.</summary>
    public static string[][] Sysctls { get; } =
    [
        .. SysctlExtensions.All.Select(sysctl => Of(sysctl.Name())),
        .. SysctlExtensions.All.SelectMany(_ => Enumerable.Range(0, MaxSysctlValues), (sysctl, i) => new[] { sysctl.Name(), Digit(i) }),
    ];

    /// <summary>Values of <c>id</c> and <c>severity</c>, by the place of a rule in <see cref="RuleBook.All"/>.</summary>
    public static string[][] Findings { get; } = [.. RuleBook.All.Select(rule => new[] { rule.Id, rule.Severity.Name() })];

    /// <summary>The place of a rule in <see cref="Findings"/>.</summary>
    /// <param name="rule">The rule.</param>
    public static int FindingOf(IRule rule) => Places[rule];

    /// <summary>Values of <c>family</c>.</summary>
    public static string[][] Families { get; } = [["ipv4"], ["ipv6"]];

    /// <summary>Values of <c>level</c> of tcp_mem, in the kernel's order.</summary>
    public static string[][] Levels { get; } = [["low"], ["pressure"], ["high"]];

    /// <summary>Values of <c>reason</c> of what connection tracking dropped.</summary>
    public static string[][] ConntrackDrops { get; } = [["drop"], ["early_drop"], ["insert_failed"]];

    /// <summary>Values of <c>generation</c> of the garbage collector.</summary>
    public static string[][] Generations { get; } = [.. Enumerable.Range(0, GC.MaxGeneration + 1).Select(i => Of(Digit(i)))];

    /// <summary>Values of <c>version</c>, <c>revision</c> and <c>runtime</c>.</summary>
    public static string[][] Build { get; } = [[BuildInfo.Version, BuildInfo.Revision, BuildInfo.Runtime]];

    /// <summary>States that a connection of a listener can be in.</summary>
    public static TcpState[] ConnectionStates => NotListening;

    /// <summary>Errors of a read that are counted.</summary>
    public static int CountedErrors => SourceError.Internal - SourceError.NotFound + 1;

    /// <summary>Most values that a kernel parameter has.</summary>
    public static int MaxSysctlValues => 3;

    private static string[] Of(string value) => [value];

    private static string Digit(int value) => value.ToString(CultureInfo.InvariantCulture);
}
