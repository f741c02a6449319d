namespace TcpStatExporter.Shipped.Tests.Alerts;

/// <summary>A file with promtool's unit tests for rules.</summary>
internal sealed class RuleTestFile
{
    public List<string> RuleFiles { get; set; } = [];

    public string EvaluationInterval { get; set; } = "";

    public List<Case> Tests { get; set; } = [];

    public static IReadOnlyList<string> Paths => Repository.Files("alerts/tests", "*.test.yml");

    public static IEnumerable<Case> Load() =>
        Paths.SelectMany(path => RuleFile.Yaml().Deserialize<RuleTestFile>(Repository.Read(path)).Tests);

    internal sealed class Case
    {
        public string Name { get; set; } = "";

        public string Interval { get; set; } = "";

        public List<Input> InputSeries { get; set; } = [];

        public List<AlertTest> AlertRuleTest { get; set; } = [];

        public List<ExprTest> PromqlExprTest { get; set; } = [];
    }

    internal sealed class Input
    {
        public string Series { get; set; } = "";

        public string Values { get; set; } = "";
    }

    internal sealed class AlertTest
    {
        public string EvalTime { get; set; } = "";

        public string Alertname { get; set; } = "";

        public List<Expected> ExpAlerts { get; set; } = [];
    }

    internal sealed class Expected
    {
        public Dictionary<string, string> ExpLabels { get; set; } = [];

        public Dictionary<string, string> ExpAnnotations { get; set; } = [];
    }

    internal sealed class ExprTest
    {
        public string Expr { get; set; } = "";

        public string EvalTime { get; set; } = "";

        public List<Sample> ExpSamples { get; set; } = [];
    }

    internal sealed class Sample
    {
        public string Labels { get; set; } = "";

        public string Value { get; set; } = "";
    }
}
