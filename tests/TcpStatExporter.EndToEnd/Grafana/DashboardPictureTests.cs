using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;
using TcpStatExporter.EndToEnd.Lab;
using Xunit;

namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>
/// Both dashboards, drawn by Grafana's own components in a browser from what Prometheus has: no panel fails, and none
/// is empty. TCPSTAT_REWRITE=1 puts the pictures where the README shows them.
/// </summary>
[Collection(SceneDefinition.Name)]
public sealed class DashboardPictureTests(SceneFixture fixture)
{
    private const int LargestPicture = 800_000;
    private const int PartsOfHost = 2;

    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan ShootLimit = TimeSpan.FromMinutes(3);
    private static readonly string Preview = Path.Combine(Dashboard.Folder, "preview");

    private readonly SceneFixture _fixture = fixture;

    [SkippableFact]
    public void Dashboards_are_drawn_without_an_error_and_without_an_empty_panel()
    {
        Requires.RootAndIp();
        Requires.Program("node");
        Requires.Program("npm");
        Requires.Program("chromium");
        Install();
        ChildProcess.Run("node", [Path.Combine(Preview, "build.mjs")], InstallLimit).Checked();
        var scene = _fixture.Scene;
        var cases = new[] { Dashboard.Fleet, Dashboard.Host }
            .SelectMany(_ => new[] { "dark", "light" }, (dashboard, theme) => (Name: $"{dashboard.Uid[8..]}-{theme}", Dashboard: dashboard, Theme: theme))
            .ToArray();
        var pictures = Directory.CreateTempSubdirectory("tcpstat-pictures-");
        try
        {
            var complaints = Shoot(scene, pictures, cases);
            foreach (var (name, dashboard, _) in cases)
            {
                var found = complaints[name]!;
                found["errors"]!.AsArray().Select(error => (string)error!).ShouldBeEmpty(name);
                found["noData"]!.AsArray().Select(panel => (string)panel!).ShouldBeEmpty(name);
                ((int)found["panels"]!).ShouldBe(dashboard.PanelCount, name);
            }

            pictures.GetFiles().Length.ShouldBe(2 + (2 * PartsOfHost));
            pictures.GetFiles().ShouldAllBe(picture => picture.Length > 20_000 && picture.Length < LargestPicture);

            if (Environment.GetEnvironmentVariable("TCPSTAT_REWRITE") == "1")
            {
                foreach (var picture in pictures.EnumerateFiles())
                {
                    picture.CopyTo(Path.Combine(Dashboard.Folder, "pictures", picture.Name), overwrite: true);
                }
            }
        }
        finally
        {
            pictures.Delete(recursive: true);
        }
    }

    private static JsonNode Shoot(Scene scene, DirectoryInfo pictures, (string Name, Dashboard Dashboard, string Theme)[] cases)
    {
        var list = cases.Select(picture => new
        {
            name = picture.Name,
            dashboard = picture.Dashboard.Uid,
            theme = picture.Theme,
            width = 1400,
            parts = picture.Dashboard == Dashboard.Host ? PartsOfHost : (int?)null,
            variables = picture.Dashboard == Dashboard.Host ? new { instance = Scene.Troubled } : null,
        });
        using var node = scene.Monitor.Start("node",
        [
            Path.Combine(Preview, "shoot.mjs"), PrometheusServer.Address, pictures.FullName,
            Milliseconds(scene.From), Milliseconds(scene.To), JsonSerializer.Serialize(list),
        ]);
        node.WaitForExit(ShootLimit).ShouldBe(0, node.Error);
        return JsonNode.Parse(node.Output.TrimEnd().Split('\n')[^1])!;
    }

    private static string Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static void Install()
    {
        var installed = new FileInfo(Path.Combine(Preview, "node_modules", ".package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(Preview, "package-lock.json")))
        {
            return;
        }

        var install = ChildProcess.Run("npm", ["ci", "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", Preview], InstallLimit);
        Skip.If(install.ExitCode != 0, $"npm cannot install Grafana's components: {install.Error}");
    }
}
