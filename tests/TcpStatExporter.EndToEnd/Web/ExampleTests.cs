using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>deploy/examples/web-config.yml unchanged, except for the names of the client and of the user.</summary>
public sealed partial class ExampleTests
{
    private static readonly string[] Needed = ["style-src", "script-src", "connect-src", "img-src"];

    [Fact]
    public void The_page_works_with_the_example_and_Prometheus_is_still_admitted()
    {
        using var ns = NetNamespace.Create();
        using var folder = new TestFolder();
        using var authority = new TestAuthority("authority");
        folder.Write("client-ca.pem", authority.Pem);
        folder.Write("server", authority.Server("server"));
        folder.Write("client", authority.Client("prometheus.example.com"));
        var example = Repository.Read("deploy/examples/web-config.yml");
        folder.Write(SecuredExporter.ConfigName, Hash().Replace(example, BasicAuthTests.NewerHash));
        using var exporter = new SecuredExporter(ns, folder, isTls: true);

        // the policy belongs to the page: what it loads and requests is its own
        var page = Ask("/");
        page.Status.ShouldBe(200, page.Talk);
        var policy = Header(page, "content-security-policy").Split(';', StringSplitOptions.TrimEntries).Select(rule => rule.Split(' ')).ToDictionary(rule => rule[0], rule => rule[1..], StringComparer.Ordinal);
        policy["default-src"].ShouldBe(["'none'"]);
        foreach (var kind in Needed)
        {
            policy[kind].ShouldBe(["'self'"], kind);
        }

        var parts = Part().Matches(page.Body).Select(part => part.Groups["path"].Value).Distinct(StringComparer.Ordinal).ToArray();
        parts.Length.ShouldBeGreaterThanOrEqualTo(3, "style, script and picture");
        foreach (var part in parts)
        {
            Ask(part).Status.ShouldBe(200, part);
        }

        // two tabs with one request per second each, and a scraper that is not rejected
        for (var i = 0; i < 5; i++)
        {
            Ask("/").Status.ShouldBe(200);
            Ask("/").Status.ShouldBe(200);
            Ask("/metrics").Status.ShouldBe(200);
            Thread.Sleep(TimeSpan.FromMilliseconds(500));
        }

        CurlAnswer Ask(string path) => exporter.Curl(
            path,
            "--cacert", folder.PathOf("client-ca.pem"), "--cert", folder.PathOf("client.pem"), "--key", folder.PathOf("client.key"), "--user", "prometheus:newer");
    }

    private static string Header(CurlAnswer answer, string name) =>
        answer.Headers.Split("\r\n").Single(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))[(name.Length + 1)..].Trim();

    [GeneratedRegex(@"\$2y\$10\$\S{53}", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Hash();

    [GeneratedRegex("(?:href|src)=\"?\\.?(?<path>/-/[^\"\\s>]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Part();
}
