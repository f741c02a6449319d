using System.Text.Json;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Grafana;

/// <summary>Queries of a dashboard, as promtool evaluates them.</summary>
internal static class Promql
{
    /// <summary>Puts values in the place of variables: five minutes of one host, its own namespace, all its listeners, and all pods.</summary>
    /// <param name="query">The query.</param>
    /// <param name="cluster">Value of the variable cluster.</param>
    /// <param name="netns">Value of the variable netns of the host dashboard. The default is the host's own namespace.</param>
    public static string Fill(string query, string cluster = ".*", string netns = "()") => query
        .Replace("${cluster:pipe}", cluster, StringComparison.Ordinal)
        .Replace("${netns:pipe}", netns, StringComparison.Ordinal)
        .Replace("$netns", ".+", StringComparison.Ordinal)
        .Replace("$listener", ".*", StringComparison.Ordinal)
        .Replace("$job", "tcpstat", StringComparison.Ordinal)
        .Replace("$instance", "web1", StringComparison.Ordinal)
        .Replace("$__rate_interval", "2m", StringComparison.Ordinal)
        .Replace("$__range", "5m", StringComparison.Ordinal);

    /// <summary>Each query gives these samples, by their labels, three minutes after the series begin. A series has a value a minute.</summary>
    /// <param name="series">Series and their values, as promtool writes both.</param>
    /// <param name="queries">Queries without variables, and what is expected of them.</param>
    public static void Evaluate(IEnumerable<(string Series, string Values)> series, params (string Query, Dictionary<string, int> Expected)[] queries)
    {
        var test = new
        {
            evaluation_interval = "1m",
            tests = new[]
            {
                new
                {
                    interval = "1m",
                    input_series = series.Select(input => new { series = input.Series, values = input.Values }).ToArray(),
                    promql_expr_test = queries.Select(query => new
                    {
                        expr = query.Query,
                        eval_time = "3m",
                        exp_samples = query.Expected.Select(sample => new { labels = sample.Key, value = sample.Value }).ToArray(),
                    }).ToArray(),
                },
            },
        };
        using var folder = new TestFolder();
        File.WriteAllText(folder.PathOf("queries.test.yml"), JsonSerializer.Serialize(test));

        var done = Tool.Run(folder.Path, "promtool", "test", "rules", "queries.test.yml");
        Assert.SkipWhen(done is null, "promtool is not on the PATH (Debian: apt-get install prometheus)");

        done!.Value.ExitCode.ShouldBe(0, done.Value.Output);
    }
}
