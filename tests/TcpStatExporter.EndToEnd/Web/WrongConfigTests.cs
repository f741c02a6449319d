using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>A daemon that is started with an invalid configuration.</summary>
public sealed class WrongConfigTests
{
    [Theory]
    [InlineData("tls_server_config:\n  cert_file: a.pem\n  min_versoin: TLS12\n", "line 3: tls_server_config.min_versoin: unknown key")]
    [InlineData("tls_server_config:\n  cert_file: a.pem\n  key_file: a.key\n", "line 2: tls_server_config.cert_file: ")]
    [InlineData("a: [\n", "line 2: ")]
    [InlineData("tls_server_config:\n  cipher_suites: [a, b\n  cert_file: a.pem\n", "line 3: ")]
    [InlineData("? &a [*a]", "line 1: anchors (&name) are not supported")]
    [InlineData("!a rate_limit: {}\n!b rate_limit: {}\n", "line 1: tags (!name) are not supported")]
    [InlineData("tls_server_config:\n  cert_file: \"a\\0b\"\n  key_file: a.key\n", "line 2: tls_server_config.cert_file: a path cannot contain a NUL.")]
    [InlineData("rate_limit: { interval: 10000h, burst: 2000000000 }\n", "line 1: rate_limit: interval times burst is more than a hundred years")]
    [InlineData("basic_auth_users:\n  a: $2y$31$tcpstatExporterTestSaenzDCtfYAPHpR3gLNsMb/4m6T3vRDy4.\n", "line 2: basic_auth_users.a: a cost of 31 ")]
    [InlineData(null, "the file does not exist")]
    public void Prints_one_line_and_exits_with_2(string? config, string expected)
    {
        ShouldEnd(config, expected);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{")]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("[{a: ")]
    public void Twenty_thousand_nesting_levels_print_one_line_and_exit_with_2(string level) =>
        ShouldEnd(string.Concat(Enumerable.Repeat(level, 20_000)), "line 1: more than 8 levels of keys and lists.");

    private static void ShouldEnd(string? config, string expected)
    {
        using var ns = NetNamespace.Create();
        using var folder = new TestFolder();
        var path = folder.PathOf(SecuredExporter.ConfigName);
        if (config is not null)
        {
            folder.Write(SecuredExporter.ConfigName, config);
        }

        var result = ExporterProcess.Run(ns, asNobody: false, $"--web.config.file={path}", "--log.level=error");

        result.ExitCode.ShouldBe(2);
        result.Output.ShouldBeEmpty();
        var line = result.Error.TrimEnd('\n').Split('\n').ShouldHaveSingleItem();
        line.ShouldStartWith($"tcpstat-exporter: {path}");
        line.ShouldContain(expected);
    }
}
