using System.Globalization;
using Shouldly;
using TcpStatExporter.EndToEnd.Lab;
using Xunit;

namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>What deploy/build.sh makes, looked at without running it.</summary>
public sealed class PackageTests
{
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lintian_finds_nothing(bool native)
    {
        Requires.Program("lintian");
        var package = Get(native);

        // where the source tree has no man page there is none to ship
        string[] known = Directory.Exists(Path.Combine(Package.Root, "deploy/man")) ? [] : ["--suppress-tags", "no-manual-page"];
        var result = ChildProcess.Run("lintian", ["--allow-root", "--fail-on", "error,warning", .. known, package.Deb], TimeSpan.FromSeconds(120));

        (result.ExitCode, result.Output).ShouldBe((0, ""));
    }

    [SkippableFact]
    public void Checksums_are_of_every_file_and_right()
    {
        var package = Package.ReadyToRun();
        var sums = File.ReadAllLines(Path.Combine(package.Folder, "SHA256SUMS"));

        sums.Length.ShouldBe(3);
        ChildProcess.Run("sh", ["-c", "cd \"$0\" && sha256sum --check --strict --quiet SHA256SUMS", package.Folder]).Checked().ShouldBe("");
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_archive_holds_a_program_that_runs(bool native)
    {
        var package = Get(native);
        var folder = Directory.CreateTempSubdirectory("tcpstat-");
        try
        {
            ChildProcess.Run("tar", ["-C", folder.FullName, "-xzf", package.Tarball]).Checked();
            var root = folder.GetDirectories().Single();
            root.GetFiles().Select(file => file.Name).ShouldBe(["CHANGELOG.md", "LICENSE", "README.md", "tcpstat-exporter"], ignoreOrder: true);

            ChildProcess.Run(Path.Combine(root.FullName, "tcpstat-exporter"), ["--version"]).Checked().ShouldStartWith("tcpstat-exporter, version ");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [SkippableTheory]
    [InlineData("tcpstat-exporter.service", "tcpstat-exporter.service")]
    [InlineData("tcpstat-exporter.service", "native.conf")]
    public void The_unit_is_locked_down(string unit, string with)
    {
        Requires.Program("systemd-analyze");
        var folder = Directory.CreateTempSubdirectory("tcpstat-");
        try
        {
            // a unit of its own, drop-in and all: analysis from a file knows no drop-ins
            var path = Path.Combine(folder.FullName, unit);
            var text = Unit(unit) + (with == unit ? "" : Unit(with));
            File.WriteAllText(path, text);

            var result = ChildProcess.Run("systemd-analyze", ["security", "--no-pager", "--offline=true", "--threshold=15", path]);

            result.ExitCode.ShouldBe(0, result.Output);
            var level = result.Output.Split('\n').Single(line => line.Contains("Overall exposure level", StringComparison.Ordinal)).Split(':')[1].Trim().Split(' ')[0];
            double.Parse(level, CultureInfo.InvariantCulture).ShouldBeLessThanOrEqualTo(1.5);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static string Unit(string name) => File.ReadAllText(Path.Combine(Package.Root, "deploy/systemd", name));
    }

    [SkippableFact]
    public void Systemd_understands_every_line_of_the_units()
    {
        Requires.Program("systemd-analyze");
        var folder = Directory.CreateTempSubdirectory("tcpstat-");
        try
        {
            foreach (var name in (string[])["tcpstat-exporter.service", "tcpstat-exporter.socket"])
            {
                // on this machine the program itself need not be installed
                var text = File.ReadAllText(Path.Combine(Package.Root, "deploy/systemd", name));
                File.WriteAllText(Path.Combine(folder.FullName, name), text.Replace("ExecStart=/usr/bin/tcpstat-exporter", "ExecStart=/bin/true", StringComparison.Ordinal));
            }

            // it exits with 0 whatever it finds, and says what that is on stderr
            var result = ChildProcess.Run(
                "systemd-analyze",
                ["verify", "--man=no", Path.Combine(folder.FullName, "tcpstat-exporter.service"), Path.Combine(folder.FullName, "tcpstat-exporter.socket")]);
            (result.ExitCode, result.Error).ShouldBe((0, ""));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void An_unknown_argument_of_the_build_ends_it_with_2()
    {
        var result = ChildProcess.Run(Path.Combine(Package.Root, "deploy/build.sh"), ["--nope"]);
        (result.ExitCode, result.Output).ShouldBe((2, ""));
        result.Error.ShouldBe("deploy/build.sh: unknown argument --nope. See --help.\n");
    }

    private static Package Get(bool native) => native ? Package.Native() : Package.ReadyToRun();
}
