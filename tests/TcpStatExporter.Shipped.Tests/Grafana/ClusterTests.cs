using Xunit;

namespace TcpStatExporter.Shipped.Tests.Grafana;

/// <summary>
/// Two clusters with hosts of the same name, and a third host without a cluster: what promtool evaluates for the dashboards'
/// queries.
/// </summary>
public sealed class ClusterTests
{
    private static readonly (string Cluster, int Lost)[] Hosts = [("", 3), ("east", 20), ("west", 500)];

    [Fact]
    public void The_fleet_has_a_row_for_each_host()
    {
        const string Made = ",job=\"tcpstat\",instance=\"web1\"";
        var lost = Query("tcpstat-fleet", "Hosts: the most loss first, then the fullest queue", "in 2 min", cluster: ".*");

        Evaluate((lost, Hosts.ToDictionary(
            host => host.Cluster.Length == 0 ? $"{{in_cluster=\"()\"{Made}}}" : $"{{in_cluster=\"{host.Cluster}\",cluster=\"{host.Cluster}\"{Made}}}",
            host => host.Lost,
            StringComparer.Ordinal)));
    }

    /// <summary>The variable's value from a link selects one cluster, and so does "none".</summary>
    [Fact]
    public void A_host_shows_only_its_own_series() =>
        Evaluate([.. Hosts.Select(host => (
            Query("tcpstat-host", "TIME_WAIT, of tcp_max_tw_buckets", "TIME_WAIT", cluster: host.Cluster.Length == 0 ? "()" : host.Cluster),
            new Dictionary<string, int>(StringComparer.Ordinal) { ["{}"] = host.Lost }))]);

    /// <summary>Returns the query of a panel with this legend, or of the table column with this title.</summary>
    private static string Query(string uid, string title, string name, string cluster)
    {
        var panel = DashboardFile.Provisioned(uid).Panels.Single(panel => (string)panel["title"]! == title);
        var targets = panel["targets"]!.AsArray();
        var columns = panel["transformations"]?[1]?["options"]?["renameByName"]?.AsObject();
        var target = columns?.Single(column => (string)column.Value! == name).Key is { } field
            ? targets.Single(target => $"Value #{(string)target!["refId"]!}" == field)
            : targets.Single(target => (string)target!["legendFormat"]! == name);
        return Promql.Fill((string)target!["expr"]!, cluster);
    }

    private static void Evaluate(params (string Query, Dictionary<string, int> Expected)[] queries) => Promql.Evaluate(
        Hosts.SelectMany(host => new[] { "instance:tcpstat_tcpext_listen_drops:increase2m", "instance:tcpstat_sockets_time_wait:ratio" }
            .Select(name => ($"{name}{{cluster=\"{host.Cluster}\",job=\"tcpstat\",instance=\"web1\"}}", $"{host.Lost}x5"))),
        queries);
}
