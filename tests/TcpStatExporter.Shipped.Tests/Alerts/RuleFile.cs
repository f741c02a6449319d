using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace TcpStatExporter.Shipped.Tests.Alerts;

/// <summary>A file with Prometheus rules. Parsing fails on a key that Prometheus does not know.</summary>
internal sealed class RuleFile
{
    /// <summary>Path of the file.</summary>
    public const string Path = "alerts/tcpstat.rules.yml";

    public List<Group> Groups { get; set; } = [];

    public IEnumerable<Rule> Rules => Groups.SelectMany(group => group.Rules);

    public IEnumerable<Rule> Alerts => Rules.Where(rule => rule.Alert is not null);

    public IEnumerable<Rule> Records => Rules.Where(rule => rule.Record is not null);

    public static RuleFile Load() => Yaml().Deserialize<RuleFile>(Repository.Read(Path));

    public static IDeserializer Yaml() => new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).Build();

    internal sealed class Group
    {
        public string Name { get; set; } = "";

        public List<Rule> Rules { get; set; } = [];
    }

    internal sealed class Rule
    {
        public string? Record { get; set; }

        public string? Alert { get; set; }

        public string Expr { get; set; } = "";

        public string? For { get; set; }

        public string? KeepFiringFor { get; set; }

        public Dictionary<string, string> Labels { get; set; } = [];

        public Dictionary<string, string> Annotations { get; set; } = [];
    }
}
