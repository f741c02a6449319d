using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>
/// Both dashboards, drawn by Grafana's own components in a browser with data from Prometheus: of a host in trouble, one that is
/// well and one that is down. No panel fails, and none is empty for the host in trouble. On a laptop and on a wall display, dark
/// and light, no table column, text, last row or legend line is cut off. TCPSTAT_REWRITE=1 writes the pictures for the README,
/// and the hashes of their sources.
/// </summary>
[Collection(SceneDefinition.Name)]
public sealed class DashboardPictureTests(SceneFixture fixture)
{
    private const int LargestPicture = 800_000;
    private const int Laptop = 1366;
    private const int Desk = 1920;
    private const int Wall = 2560;

    private static readonly TimeSpan ShootLimit = TimeSpan.FromMinutes(15);

    private readonly SceneFixture _fixture = fixture;

    private static IEnumerable<Case> Cases =>
    [
        new(Dashboard.Fleet, null, "light", [Laptop], Parts: 1),
        new(Dashboard.Fleet, null, "dark", [Wall], Parts: 1),
        new(Dashboard.Host, Scene.Troubled, "dark", [Laptop], Parts: 3),
        .. new[] { "dark", "light" }.Select(theme => new Case(Dashboard.Fleet, null, theme, [Laptop, Desk, Wall], Parts: 0)),
        .. new[] { Scene.Troubled, Scene.Well, Scene.Down }.SelectMany(host => new[] { "dark", "light" }.Select(theme => new Case(Dashboard.Host, host, theme, [Laptop, Desk, Wall], Parts: 0))),
    ];

    [Fact]
    public void Dashboards_have_no_errors_no_empty_panels_and_nothing_cut_off()
    {
        Requires.RootAndIp();
        Requires.Program("node");
        Requires.Program("npm");
        Requires.Program("chromium");
        var preview = Preview.Folder();
        var scene = _fixture.Scene;
        var cases = Cases.ToArray();
        var pictures = Directory.CreateTempSubdirectory("tcpstat-pictures-");
        try
        {
            var complaints = Shoot(preview, scene, pictures, cases);

            // also writes pictures that show the reason of a failure
            if (Environment.GetEnvironmentVariable("TCPSTAT_REWRITE") == "1")
            {
                Keep(pictures);
            }

            foreach (var kind in new[] { "errors", "noData", "cut" })
            {
                cases.Where(picture => picture.Host is null or Scene.Troubled || kind != "noData")
                    .SelectMany(picture => complaints[picture.Name]![kind]!.AsArray().Select(what => $"{picture.Name}: {what}"))
                    .ShouldBeEmpty(kind);
            }

            cases.ShouldAllBe(picture => (int)complaints[picture.Name]!["panels"]! == picture.Dashboard.PanelCount);

            pictures.GetFiles().Length.ShouldBe(cases.Sum(picture => picture.Parts));
            pictures.GetFiles().ShouldAllBe(picture => picture.Length > 20_000 && picture.Length < LargestPicture);
        }
        finally
        {
            pictures.Delete(recursive: true);
        }
    }

    private static JsonNode Shoot(string preview, Scene scene, DirectoryInfo pictures, Case[] cases)
    {
        var list = cases.Select(picture => new
        {
            name = picture.Name,
            dashboard = picture.Dashboard.Uid,
            theme = picture.Theme,
            widths = picture.Widths,
            parts = picture.Parts,
            netns = picture.Parts == 0 ? "payments/checkout-7d9f8b6c5d-x2x4z" : null,
            variables = picture.Host is null ? null : new { instance = picture.Host },
        });
        using var node = scene.Monitor.Start("node",
        [
            Path.Combine(preview, "shoot.mjs"), PrometheusServer.Address, Path.GetDirectoryName(Dashboard.Fleet.Path)!, pictures.FullName,
            Milliseconds(scene.From), Milliseconds(scene.To), JsonSerializer.Serialize(list),
        ]);
        node.WaitForExit(ShootLimit).ShouldBe(0, node.Error);
        return JsonNode.Parse(node.Output.TrimEnd().Split('\n')[^1])!;
    }

    private static void Keep(DirectoryInfo pictures)
    {
        var folder = Path.Combine(Dashboard.Folder, "pictures");
        foreach (var picture in pictures.EnumerateFiles())
        {
            picture.CopyTo(Path.Combine(folder, picture.Name), overwrite: true);
        }

        // in the format of sha256sum(1)
        File.WriteAllLines(
            Path.Combine(folder, "made-from.sha256"),
            new[] { Dashboard.Fleet, Dashboard.Host }.Select(dashboard =>
                $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(dashboard.Path)))}  {Path.GetRelativePath(folder, dashboard.Path)}"));
    }

    private static string Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>One dashboard in one theme; without parts no picture is kept, and listeners have the name of a long pod.</summary>
    private sealed record Case(Dashboard Dashboard, string? Host, string Theme, int[] Widths, int Parts)
    {
        public string Name => Parts > 0
            ? $"{Dashboard.Uid[8..]}-{(Widths[^1] == Wall ? "wall" : "laptop")}-{Theme}"
            : $"{Dashboard.Uid[8..]}-{Host}-{Theme}";
    }
}
