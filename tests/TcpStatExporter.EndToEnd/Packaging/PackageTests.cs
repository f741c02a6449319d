using System.Globalization;
using Shouldly;
using Xunit;

namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>What deploy/build.sh makes, looked at without running it.</summary>
public sealed class PackageTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lintian_finds_nothing(bool native)
    {
        Requires.Program("lintian");
        var package = Get(native);

        var result = ChildProcess.Run("lintian", ["--allow-root", "--fail-on", "error,warning", package.Deb], TimeSpan.FromMinutes(5));

        (result.ExitCode, result.Output).ShouldBe((0, ""));
    }

    [Fact]
    public void Checksums_are_of_every_file_and_right()
    {
        var package = Package.ReadyToRun();
        var sums = File.ReadAllLines(Path.Combine(package.Folder, "SHA256SUMS"));

        sums.Length.ShouldBe(3);
        ChildProcess.Run("sh", ["-c", "cd \"$0\" && sha256sum --check --strict --quiet SHA256SUMS", package.Folder]).Checked().ShouldBe("");
    }

    [Theory]
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
            string[] expected =
            [
                "CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "tcpstat-exporter",
                "completion/_tcpstat-exporter", "completion/tcpstat-exporter.bash", "completion/tcpstat-exporter.fish",
                "examples/web-config.yml",
                "man/tcpstat-exporter.1",
                "systemd/tcpstat-exporter.service", "systemd/tcpstat-exporter.socket",
                .. (string[])(native ? ["systemd/native.conf"] : []),
                "alerts/backlog.md",
                .. Runbooks("alerts/runbooks"),
            ];
            root.GetFiles("*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root.FullName, file.FullName)).ShouldBe(expected, ignoreOrder: true);

            ChildProcess.Run(Path.Combine(root.FullName, "tcpstat-exporter"), ["--version"]).Checked().ShouldStartWith("tcpstat-exporter, version ");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_Debian_package_holds_every_file_and_names_what_it_loads(bool native)
    {
        var package = Get(native);
        const string Doc = "usr/share/doc/tcpstat-exporter";
        string[] expected =
        [
            "etc/default/tcpstat-exporter",
            "lib/systemd/system/tcpstat-exporter.service",
            "lib/systemd/system/tcpstat-exporter.socket",
            .. (string[])(native ? ["lib/systemd/system/tcpstat-exporter.service.d/native.conf"] : []),
            "usr/bin/tcpstat-exporter",
            "usr/share/bash-completion/completions/tcpstat-exporter",
            "usr/share/fish/vendor_completions.d/tcpstat-exporter.fish",
            "usr/share/lintian/overrides/tcpstat-exporter",
            "usr/share/man/man1/tcpstat-exporter.1.gz",
            "usr/share/zsh/vendor-completions/_tcpstat-exporter",
            $"{Doc}/backlog.md", $"{Doc}/changelog.Debian.gz", $"{Doc}/changelog.gz", $"{Doc}/copyright", $"{Doc}/examples/web-config.yml",
            .. Runbooks($"{Doc}/runbooks"),
        ];

        ChildProcess.Run("dpkg-deb", ["-c", package.Deb]).Checked().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] == '-').Select(line => line[(line.IndexOf(" ./", StringComparison.Ordinal) + 3)..])
            .ShouldBe(expected, ignoreOrder: true);
        ChildProcess.Run("dpkg-deb", ["-f", package.Deb, "Depends"]).Checked()
            .ShouldBe($"libc6 (>= 2.34), libssl3 | libssl3t64{(native ? "" : ", libgcc-s1, libstdc++6")}\n");
    }

    [Theory]
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

        static string Unit(string name) => Repository.Read($"deploy/systemd/{name}");
    }

    [Fact]
    public void Systemd_understands_every_line_of_the_units()
    {
        Requires.Program("systemd-analyze");
        var folder = Directory.CreateTempSubdirectory("tcpstat-");
        try
        {
            foreach (var name in (string[])["tcpstat-exporter.service", "tcpstat-exporter.socket"])
            {
                // on this machine the program itself need not be installed
                var text = Repository.Read($"deploy/systemd/{name}");
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
        var result = ChildProcess.Run(Repository.Path("deploy/build.sh"), ["--nope"]);
        (result.ExitCode, result.Output).ShouldBe((2, ""));
        result.Error.ShouldBe("deploy/build.sh: unknown argument --nope. See --help.\n");
    }

    /// <summary>All that there are, where they are packed.</summary>
    private static IEnumerable<string> Runbooks(string folder)
    {
        var names = Directory.GetFiles(Repository.Path("alerts/runbooks"), "*.md").Select(Path.GetFileName).ToArray();
        names.Length.ShouldBeGreaterThan(10);
        return names.Select(name => $"{folder}/{name}");
    }

    private static Package Get(bool native) => native ? Package.Native() : Package.ReadyToRun();
}
