using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Lab;
using Xunit;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>A daemon that is started with a configuration it cannot use.</summary>
public sealed class WrongConfigTests
{
    [SkippableTheory]
    [InlineData("tls_server_config:\n  cert_file: a.pem\n  min_versoin: TLS12\n", "line 3: tls_server_config.min_versoin: no such key")]
    [InlineData("tls_server_config:\n  cert_file: a.pem\n  key_file: a.key\n", "line 2: tls_server_config.cert_file: ")]
    [InlineData("a: [\n", "line 2: ")]
    [InlineData(null, "there is no such file")]
    public void Is_one_line_and_exit_2(string? config, string expected)
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
