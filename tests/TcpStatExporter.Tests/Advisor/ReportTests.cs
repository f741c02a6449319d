using System.Text;
using System.Text.Json;
using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Advisor.Rules;
using TcpStatExporter.Commands;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Tests.Advisor;

/// <summary>The output of doctor, byte for byte. TCPSTAT_REWRITE=1 rewrites the files. Read the diff.</summary>
public sealed class ReportTests
{
    private static readonly Advice Sick = new Scene { Window = TimeSpan.FromSeconds(2) }
        .Set(Sysctl.Somaxconn, 128)
        .Set(Sysctl.TcpSyncookies, 2)
        .Set(Sysctl.TcpFinTimeout, 15)
        .Lack(Sysctl.TcpMem)
        .Listener(port: 443, unit: "nginx.service", length: 129, limit: 128, dropped: 44)
        .Listener(port: 50051, unit: "grpc.service", limit: 128)
        .Count("ListenDrops", 44)
        .Count("ListenOverflows", 44)
        .Ports(28232)
        .Advise();

    [Fact]
    public void Text_is_unchanged() => Compare("report.txt", new TextReport(100, isColoured: false).Write(Sick));

    [Fact]
    public void Json_is_unchanged() => Compare("report.json", Encoding.UTF8.GetString(JsonReport.Write(Sick, DoctorCommand.ExitCode(Sick)).Span));

    [Fact]
    public void Drop_in_is_unchanged() => Compare("report.conf", SysctlFile.Write(Sick));

    /// <summary>Ids and severities are label values, and scripts depend on them, so they never change.</summary>
    [Fact]
    public void Rule_ids_are_unchanged() =>
        Compare("rules.txt", string.Concat(RuleBook.All.Select(rule => $"{rule.Id,-32} {rule.Severity,-10} {rule.Subject}\n")));

    [Fact]
    public void No_line_of_prose_is_wider_than_asked()
    {
        var lines = new TextReport(72, isColoured: false).Write(Sick).Split('\n');

        lines.Where(line => line.Length > 72).ShouldAllBe(line => line.Contains("https://", StringComparison.Ordinal) || line.Contains(" = ", StringComparison.Ordinal));
    }

    [Fact]
    public void Colour_changes_nothing_else()
    {
        var plain = new TextReport(80, isColoured: false).Write(Sick);
        var coloured = new TextReport(80, isColoured: true).Write(Sick);

        plain.ShouldNotContain("\e");
        coloured.ShouldContain("\e[1;31mCRITICAL");
        System.Text.RegularExpressions.Regex.Replace(coloured, "\e\\[[0-9;]*m", "", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).ShouldBe(plain);
    }

    [Fact]
    public void Json_is_valid_for_any_unit_name()
    {
        var advice = new Scene().Listener(unit: "a\"\\\n\u0001b.service", limit: 8, length: 9).Advise();

        using var json = JsonDocument.Parse(JsonReport.Write(advice, 1));

        json.RootElement.GetProperty("findings")[0].GetProperty("listeners")[0].GetProperty("unit").GetString().ShouldBe("a\"\\\n\u0001b.service");
    }

    [Fact]
    public void Drop_in_has_only_comments_and_settings_for_any_unit_name()
    {
        var advice = new Scene().Set(Sysctl.Somaxconn, 8).Listener(unit: "a\nkernel.panic = 1", limit: 8, length: 9).Advise();

        var settings = SysctlFile.Write(advice).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#');

        settings.ShouldBe(["net.core.somaxconn = 4096"]);
    }

    [Fact]
    public void Drop_in_of_a_healthy_host_sets_nothing() =>
        SysctlFile.Write(new Scene().Advise()).Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(line => line.StartsWith('#'));

    [Theory]
    [InlineData("sound", false, 0)]
    [InlineData("sound", true, 3)]
    [InlineData("info", false, 0)]
    [InlineData("info", true, 3)]
    [InlineData("warning", false, 1)]
    [InlineData("warning", true, 1)]
    [InlineData("critical", true, 2)]
    public void The_worst_finding_decides_the_exit_code(string found, bool isPartial, int expected)
    {
        var scene = new Scene();
        _ = found switch
        {
            "info" => scene.Set(Sysctl.TcpFinTimeout, 15),
            "warning" => scene.Set(Sysctl.TcpFinTimeout, 15).Set(Sysctl.TcpSyncookies, 2),
            "critical" => scene.Set(Sysctl.TcpSyncookies, 2).Set(Sysctl.TcpTwRecycle, 1),
            _ => scene,
        };

        DoctorCommand.ExitCode(scene.Advise() with { IsPartial = isPartial }).ShouldBe(expected);
    }

    private static void Compare(string name, string text)
    {
        var path = Repository.Path($"tests/TcpStatExporter.Tests/Advisor/Golden/{name}");
        if (Repository.IsRewriting)
        {
            File.WriteAllText(path, text);
            return;
        }

        text.ShouldBe(File.ReadAllText(path));
    }
}
