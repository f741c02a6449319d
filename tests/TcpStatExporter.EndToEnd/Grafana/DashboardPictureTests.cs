using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>
/// Both dashboards, drawn by Grafana's own components in a browser with data from Prometheus. No panel fails, none is empty,
/// and no table column and no legend line is cut off on a laptop or a wall display. TCPSTAT_REWRITE=1 writes the pictures for
/// the README, and the hashes of their sources.
/// </summary>
[Collection(SceneDefinition.Name)]
public sealed class DashboardPictureTests(SceneFixture fixture)
{
    private const int LargestPicture = 800_000;
    private const int PartsOfHost = 2;
    private const int PictureWidth = 1400;

    private static readonly TimeSpan ShootLimit = TimeSpan.FromMinutes(15);

    private readonly SceneFixture _fixture = fixture;

    [Fact]
    public void Dashboards_are_drawn_without_an_error_an_empty_panel_or_a_cut()
    {
        Requires.RootAndIp();
        Requires.Program("node");
        Requires.Program("npm");
        Requires.Program("chromium");
        var preview = Preview.Folder();
        var scene = _fixture.Scene;
        var cases = new[] { Dashboard.Fleet, Dashboard.Host }
            .SelectMany(dashboard => new[]
            {
                new Case(dashboard, "dark", [PictureWidth], IsPicture: true),
                new Case(dashboard, "light", [PictureWidth], IsPicture: true),

                // a laptop, the pictures' width and a wall display, with the column for hosts with containers
                new Case(dashboard, "dark", [1280, PictureWidth, 1920], IsPicture: false),
            })
            .ToArray();
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
                cases.SelectMany(picture => complaints[picture.Name]![kind]!.AsArray().Select(what => $"{picture.Name}: {what}")).ShouldBeEmpty(kind);
            }

            cases.ShouldAllBe(picture => (int)complaints[picture.Name]!["panels"]! == picture.Dashboard.PanelCount);

            pictures.GetFiles().Length.ShouldBe(2 + (2 * PartsOfHost));
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
            parts = !picture.IsPicture ? 0 : picture.Dashboard == Dashboard.Host ? PartsOfHost : 1,
            netns = picture.IsPicture ? null : "kubepods-pod7c9f",
            variables = picture.Dashboard == Dashboard.Host ? new { instance = Scene.Troubled } : null,
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

    private sealed record Case(Dashboard Dashboard, string Theme, int[] Widths, bool IsPicture)
    {
        public string Name => $"{Dashboard.Uid[8..]}-{(IsPicture ? Theme : "widths")}";
    }
}
