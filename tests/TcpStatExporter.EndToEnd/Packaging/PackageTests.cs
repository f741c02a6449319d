using System.Globalization;
using System.Text;
using Shouldly;
using Xunit;

namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>The output of deploy/build.sh, checked without running it.</summary>
public sealed class PackageTests
{
    [Theory]
    [InlineData(Build.Native)]
    [InlineData(Build.ReadyToRun)]
    [InlineData(Build.Arm64)]
    public void Lintian_finds_nothing(Build build)
    {
        Requires.Program("lintian");
        var package = Package.Of(build);

        var result = ChildProcess.Run("lintian", ["--allow-root", "--fail-on", "error,warning", package.Deb], TimeSpan.FromMinutes(5));

        (result.ExitCode, result.Output).ShouldBe((0, ""));
    }

    [Fact]
    public void Every_file_has_a_correct_checksum()
    {
        var package = Package.Native();
        var sums = File.ReadAllLines(Path.Combine(package.Folder, "SHA256SUMS"));

        sums.Length.ShouldBe(4);
        ChildProcess.Run("sh", ["-c", "cd \"$0\" && sha256sum --check --strict --quiet SHA256SUMS", package.Folder]).Checked().ShouldBe("");
    }

    [Theory]
    [InlineData(Build.Native)]
    [InlineData(Build.ReadyToRun)]
    [InlineData(Build.Arm64)]
    public void The_archive_contains_a_program_that_runs(Build build)
    {
        var package = Package.Of(build);
        using var folder = new TestFolder();
        ChildProcess.Run("tar", ["-C", folder.Path, "-xzf", package.Tarball]).Checked();
        var root = new DirectoryInfo(folder.Path).GetDirectories().Single();
        string[] expected =
        [
            "CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "tcpstat-exporter",
            "completion/_tcpstat-exporter", "completion/tcpstat-exporter.bash", "completion/tcpstat-exporter.fish",
            "examples/web-config.yml",
            "man/tcpstat-exporter.1",
            "systemd/tcpstat-exporter.service", "systemd/tcpstat-exporter.socket", "systemd/tcpstat-exporter-opener.service", "systemd/tcpstat-exporter-opener.socket",
            .. (string[])(build is Build.ReadyToRun ? ["systemd/readytorun.conf"] : []),
            "alerts/backlog.md",
            .. Runbooks("alerts/runbooks"),
        ];
        root.GetFiles("*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root.FullName, file.FullName)).ShouldBe(expected, ignoreOrder: true);

        root.Name.ShouldEndWith(build is Build.Arm64 ? ".linux-arm64" : ".linux-amd64");
        Version(package, Path.Combine(root.FullName, "tcpstat-exporter")).ShouldStartWith("tcpstat-exporter, version ");
    }

    [Theory]
    [InlineData(Build.Native)]
    [InlineData(Build.ReadyToRun)]
    [InlineData(Build.Arm64)]
    public void The_Debian_package_contains_every_file_and_declares_its_libraries(Build build)
    {
        var package = Package.Of(build);
        const string Doc = "usr/share/doc/tcpstat-exporter";
        string[] expected =
        [
            .. Shared("lib/systemd/system", "usr/share/zsh/vendor-completions", build),
            "usr/share/lintian/overrides/tcpstat-exporter",
            $"{Doc}/changelog.Debian.gz", $"{Doc}/changelog.gz", $"{Doc}/copyright",
        ];

        ChildProcess.Run("dpkg-deb", ["-c", package.Deb]).Checked().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] == '-').Select(line => line[(line.IndexOf(" ./", StringComparison.Ordinal) + 3)..])
            .ShouldBe(expected, ignoreOrder: true);
        ChildProcess.Run("dpkg-deb", ["-f", package.Deb, "Depends"]).Checked()
            .ShouldBe($"libc6 (>= 2.34), libssl3 | libssl3t64{(build is Build.ReadyToRun ? ", libgcc-s1, libstdc++6" : "")}\n");
        ChildProcess.Run("dpkg-deb", ["-f", package.Deb, "Architecture"]).Checked().ShouldBe(build is Build.Arm64 ? "arm64\n" : "amd64\n");
    }

    [Theory]
    [InlineData(Build.Native)]
    [InlineData(Build.ReadyToRun)]
    [InlineData(Build.Arm64)]
    public void The_RPM_package_contains_every_file_and_declares_its_libraries(Build build)
    {
        Requires.Program("rpm");
        Requires.Program("rpm2cpio");
        Requires.Program("cpio");
        var package = Package.Of(build);
        const string Doc = "usr/share/doc/tcpstat-exporter";
        string[] expected =
        [
            .. Shared("usr/lib/systemd/system", "usr/share/zsh/site-functions", build),
            $"{Doc}/CHANGELOG.md",
            "usr/share/licenses/tcpstat-exporter/LICENSE",
        ];

        using var folder = new TestFolder();
        ChildProcess.Run("sh", ["-ec", "cd \"$0\"; rpm2cpio \"$1\" | cpio --quiet -idm", folder.Path, package.Rpm]).Checked();

        Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder.Path, file)).ShouldBe(expected, ignoreOrder: true);
        Version(package, Path.Combine(folder.Path, "usr/bin/tcpstat-exporter")).ShouldStartWith("tcpstat-exporter, version ");
        Query("--requires").Where(name => !name.StartsWith("rpmlib(", StringComparison.Ordinal) && name is not ("/bin/sh" or "config(tcpstat-exporter) = 0.1.0-1")).ShouldBe(
        [
            "libc.so.6(GLIBC_2.34)(64bit)",
            .. (string[])(build is Build.ReadyToRun ? ["libgcc_s.so.1()(64bit)"] : []),
            "libssl.so.3()(64bit)",
            .. (string[])(build is Build.ReadyToRun ? ["libstdc++.so.6()(64bit)"] : []),
        ],
        ignoreOrder: true);
        Query("--queryformat", "%{ARCH}\n").ShouldBe([build is Build.Arm64 ? "aarch64" : "x86_64"]);
        Query("--configfiles").ShouldBe(["/etc/default/tcpstat-exporter"]);

        string[] Query(params string[] arguments) =>
            ChildProcess.Run("rpm", ["-qp", .. arguments, package.Rpm]).Checked().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The packages say glibc 2.34 or later, whatever machine built them.</summary>
    [Theory]
    [InlineData(Build.Native)]
    [InlineData(Build.ReadyToRun)]
    [InlineData(Build.Arm64)]
    public void It_needs_no_newer_C_library_than_the_packages_declare(Build build)
    {
        Requires.Program("readelf");
        var versions = ChildProcess.Run("readelf", ["--version-info", "--wide", Package.Of(build).Program]).Checked()
            .Split(' ', '\n').Where(word => word.StartsWith("GLIBC_2.", StringComparison.Ordinal))
            .Select(word => int.Parse(word["GLIBC_2.".Length..].Split('.')[0], CultureInfo.InvariantCulture)).ToArray();

        versions.ShouldNotBeEmpty();
        versions.Max().ShouldBeLessThanOrEqualTo(34);
    }

    /// <summary>
    /// Builds of one commit in two directories can only be identical if they do not contain the path of the directory.
    /// </summary>
    [Theory]
    [InlineData(Build.Native)]
    [InlineData(Build.ReadyToRun)]
    [InlineData(Build.Arm64)]
    public void It_does_not_contain_the_path_of_its_build_directory(Build build)
    {
        var program = File.ReadAllBytes(Package.Of(build).Program);

        program.AsSpan().IndexOf("libc.so.6"u8).ShouldBeGreaterThan(0, "what is in it can be found");
        program.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Repository.Root)).ShouldBe(-1);
    }

    [Theory]
    [InlineData("tcpstat-exporter.service", "tcpstat-exporter.service", 1.5)]
    [InlineData("tcpstat-exporter.service", "readytorun.conf", 1.5)]
    [InlineData("tcpstat-exporter-opener.service", "tcpstat-exporter-opener.service", 1.8)] // its two capabilities
    [InlineData("tcpstat-exporter-opener.service", "readytorun.conf", 1.8)]
    public void The_units_are_locked_down(string unit, string with, double most)
    {
        Requires.Program("systemd-analyze");
        var folder = Directory.CreateTempSubdirectory("tcpstat-");
        try
        {
            // a separate unit with its drop-ins, because analysis of a file ignores drop-ins
            var path = Path.Combine(folder.FullName, unit);
            var text = Unit(unit) + (with == unit ? "" : Unit(with));
            File.WriteAllText(path, text);

            var result = ChildProcess.Run("systemd-analyze", ["security", "--no-pager", "--offline=true", path]);

            result.ExitCode.ShouldBe(0, result.Output);
            var level = result.Output.Split('\n').Single(line => line.Contains("Overall exposure level", StringComparison.Ordinal)).Split(':')[1].Trim().Split(' ')[0];
            double.Parse(level, CultureInfo.InvariantCulture).ShouldBeLessThanOrEqualTo(most);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static string Unit(string name) => Repository.Read($"deploy/systemd/{name}");
    }

    [Fact]
    public void Systemd_accepts_every_line_of_the_units()
    {
        Requires.Program("systemd-analyze");
        var folder = Directory.CreateTempSubdirectory("tcpstat-");
        try
        {
            string[] units = ["tcpstat-exporter.service", "tcpstat-exporter.socket", "tcpstat-exporter-opener.service", "tcpstat-exporter-opener.socket"];
            foreach (var name in units)
            {
                // the program itself may not be installed on this machine
                var text = Repository.Read($"deploy/systemd/{name}");
                File.WriteAllText(Path.Combine(folder.FullName, name), text.Replace("ExecStart=/usr/bin/tcpstat-exporter", "ExecStart=/bin/true", StringComparison.Ordinal));
            }

            // it exits with 0 whatever it finds, and prints its findings to stderr
            var result = ChildProcess.Run("systemd-analyze", ["verify", "--man=no", .. units.Select(name => Path.Combine(folder.FullName, name))]);
            (result.ExitCode, result.Error).ShouldBe((0, ""));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void An_unknown_build_argument_exits_with_2()
    {
        var result = ChildProcess.Run(Repository.Path("deploy/build.sh"), ["--nope"]);
        (result.ExitCode, result.Output).ShouldBe((2, ""));
        result.Error.ShouldBe("deploy/build.sh: unknown argument --nope. See --help.\n");
    }

    [Theory]
    [InlineData("deploy/build.sh")]
    [InlineData("deploy/publish.sh")]
    public void An_unknown_architecture_exits_with_2(string script)
    {
        var result = ChildProcess.Run(Repository.Path(script), ["--arch", "sparc", "--output", "/nonexistent"]);
        (result.ExitCode, result.Output).ShouldBe((2, ""));
        result.Error.ShouldBe($"{script}: unknown architecture sparc. Use amd64 or arm64.\n");
    }

    /// <summary>Files in both packages.</summary>
    private static string[] Shared(string units, string zsh, Build build)
    {
        const string Doc = "usr/share/doc/tcpstat-exporter";
        return
        [
            "etc/default/tcpstat-exporter",
            $"{units}/tcpstat-exporter.service",
            $"{units}/tcpstat-exporter.socket",
            $"{units}/tcpstat-exporter-opener.service",
            $"{units}/tcpstat-exporter-opener.socket",
            .. (string[])(build is Build.ReadyToRun ? [$"{units}/tcpstat-exporter.service.d/readytorun.conf", $"{units}/tcpstat-exporter-opener.service.d/readytorun.conf"] : []),
            "usr/bin/tcpstat-exporter",
            "usr/share/bash-completion/completions/tcpstat-exporter",
            "usr/share/fish/vendor_completions.d/tcpstat-exporter.fish",
            "usr/share/man/man1/tcpstat-exporter.1.gz",
            $"{zsh}/_tcpstat-exporter",
            $"{Doc}/backlog.md", $"{Doc}/examples/web-config.yml",
            .. Runbooks($"{Doc}/runbooks"),
        ];
    }

    private static string Version(Package package, string program)
    {
        var command = package.Command(program);
        return ChildProcess.Run(command[0], [.. command[1..], "--version"]).Checked();
    }

    /// <summary>All runbooks, at their packaged path.</summary>
    private static IEnumerable<string> Runbooks(string folder)
    {
        var names = Directory.GetFiles(Repository.Path("alerts/runbooks"), "*.md").Select(Path.GetFileName).ToArray();
        names.Length.ShouldBeGreaterThan(10);
        return names.Select(name => $"{folder}/{name}");
    }
}
