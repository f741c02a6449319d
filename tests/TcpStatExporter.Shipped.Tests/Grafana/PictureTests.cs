using System.Security.Cryptography;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Grafana;

/// <summary>The pictures in the README show the shipped dashboards.</summary>
public sealed class PictureTests
{
    private static readonly string Folder = Path.Combine(DashboardFile.Folder, "pictures");

    [Fact]
    public void Pictures_were_made_from_the_current_dashboards()
    {
        var made = File.ReadAllLines(Path.Combine(Folder, "made-from.sha256")).Select(line => line.Split("  ")).ToArray();

        made.Select(line => Path.GetFileNameWithoutExtension(line[1])).ShouldBe(DashboardFile.Uids);
        foreach (var line in made)
        {
            var content = File.ReadAllBytes(Path.Combine(Folder, line[1]));
            Convert.ToHexStringLower(SHA256.HashData(content)).ShouldBe(
                line[0],
                $"pictures are stale, {line[1]} has changed since: TCPSTAT_REWRITE=1 dotnet test tests/TcpStatExporter.EndToEnd -c Release --filter DashboardPictureTests");
        }
    }

    [Fact]
    public void The_README_shows_each_picture()
    {
        var page = File.ReadAllText(Path.Combine(DashboardFile.Folder, "README.md"));
        var pictures = Directory.GetFiles(Folder, "*.png");

        pictures.ShouldNotBeEmpty();
        pictures.ShouldAllBe(picture => page.Contains($"(pictures/{Path.GetFileName(picture)})", StringComparison.Ordinal));
    }
}
