using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Shouldly;
using Xunit;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>Files that change while the daemon runs.</summary>
public sealed class ReloadTests : IDisposable
{
    private const string Config = $"""
        tls_server_config:
          cert_file: server.pem
          key_file: server.key
          client_auth_type: VerifyClientCertIfGiven
          client_ca_file: authority.pem
        basic_auth_users:
          prometheus: {BasicAuthTests.NewerHash}

        """;

    private readonly NetNamespace _ns = NetNamespace.Create();
    private readonly TestFolder _folder = new();
    private readonly TestAuthority _first = new("first");
    private readonly TestAuthority _second = new("second");

    public ReloadTests()
    {
        _folder.Write("authority.pem", _first.Pem);
        _folder.Write("first.pem", _first.Pem);
        _folder.Write("second.pem", _second.Pem);
        _folder.Write("server", _first.Server("server"));
        _folder.Write("client", _first.Client("client"));
        _folder.Write(SecuredExporter.ConfigName, Config);
    }

    public void Dispose()
    {
        _ns.Dispose();
        _folder.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public void A_new_certificate_authority_and_user_apply_without_a_restart()
    {
        using var exporter = new SecuredExporter(_ns, _folder, isTls: true);
        string[] withCertificate = ["--cert", _folder.PathOf("client.pem"), "--key", _folder.PathOf("client.key")];
        Status(exporter, "first", withCertificate).ShouldBe(200);

        _folder.Write("authority.pem", _second.Pem);
        Eventually(exporter, () => Status(exporter, "first", withCertificate) == 0, "the client's authority is no longer trusted");
        Status(exporter, "first").ShouldBe(200);

        _folder.Write("server", _second.Server("renewed"));
        Eventually(exporter, () => Status(exporter, "second") == 200, "the new certificate is shown");
        Status(exporter, "first").ShouldBe(0);

        _folder.Write(SecuredExporter.ConfigName, Config.Replace("prometheus:", "another:", StringComparison.Ordinal));
        Eventually(exporter, () => Status(exporter, "second") == 401, "the user is gone");
        exporter.Curl("/metrics", "--cacert", _folder.PathOf("second.pem"), "--user", "another:newer").Status.ShouldBe(200);
        exporter.Log.ShouldNotContain("   at ");
    }

    [Fact]
    public void A_broken_file_keeps_the_old_configuration_and_is_logged_once()
    {
        using var exporter = new SecuredExporter(_ns, _folder, isTls: true);
        Status(exporter, "first").ShouldBe(200);

        _folder.Write(SecuredExporter.ConfigName, "tls_server_config:\n  cert_fil: server.pem\n");
        Eventually(exporter, () => Status(exporter, "first") == 200 && Errors(exporter).Length > 0, "it is told");
        for (var i = 0; i < 3; i++)
        {
            Thread.Sleep(TimeSpan.FromSeconds(1.1));
            Status(exporter, "first").ShouldBe(200);
        }

        Errors(exporter).ShouldHaveSingleItem().ShouldContain("line 2: tls_server_config.cert_fil: unknown key");

        _folder.Write(SecuredExporter.ConfigName, $"basic_auth_users:\n  prometheus: {BasicAuthTests.NewerHash}\n");
        Eventually(exporter, () => Status(exporter, "first") == 200 && Errors(exporter).Length > 1, "it is told");
        Errors(exporter)[1].ShouldContain("turns TLS off. This needs a restart");

        File.Delete(_folder.PathOf(SecuredExporter.ConfigName));
        Eventually(exporter, () => Status(exporter, "first") == 200 && Errors(exporter).Length > 2, "it is told");
        Errors(exporter)[2].ShouldContain("the file does not exist");

        _folder.Write(SecuredExporter.ConfigName, Config);
        Eventually(exporter, () => Status(exporter, "first") == 200 && exporter.Log.Contains("Reloaded", StringComparison.Ordinal), "it is good again");
        Errors(exporter).Length.ShouldBe(3);
    }

    /// <summary>By the next request, and by SIGHUP, which systemctl reload sends.</summary>
    [Theory]
    [InlineData("tls_server_config:\n  cipher_suites: [a, b\n  cert_file: server.pem\n", "line 3: ")]
    [InlineData("? &a [*a]", "line 1: anchors (&name) are not supported")]
    [InlineData("rate_limit: { interval: 10000h, burst: 2000000000 }\n", "line 1: rate_limit: interval times burst")]
    public void Hostile_YAML_is_logged_once_and_costs_no_response(string config, string expected)
    {
        using var exporter = new SecuredExporter(_ns, _folder, isTls: true);
        _folder.Write(SecuredExporter.ConfigName, config);
        for (var i = 1; i <= 3; i++)
        {
            exporter.Signal(Libc.SigHup);
            Eventually(exporter, () => Errors(exporter).Length > 0, "it is told");
            Status(exporter, "first").ShouldBe(200, exporter.Log);
        }

        Errors(exporter).ShouldHaveSingleItem().ShouldContain(expected);
        exporter.Log.ShouldNotContain("   at ");

        _folder.Write(SecuredExporter.ConfigName, Config.Replace("prometheus:", "another:", StringComparison.Ordinal));
        exporter.Signal(Libc.SigHup);
        Eventually(exporter, () => exporter.Log.Contains("Reloaded", StringComparison.Ordinal), "it is good again");
        Status(exporter, "first").ShouldBe(401);
        exporter.Stop().ShouldBe(0);
    }

    [Fact]
    public void An_old_connection_ends_after_its_next_response()
    {
        _folder.Write(SecuredExporter.ConfigName, Config.Split("basic_auth_users")[0]);
        using var exporter = new SecuredExporter(_ns, _folder, isTls: true);
        using var socket = _ns.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 60_000 });
        socket.Connect(SecuredExporter.Web);
        using var tls = new SslStream(
            new NetworkStream(socket), leaveInnerStreamOpen: false, (_, _, _, errors) => !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable));
        tls.AuthenticateAsClient("localhost");
        Head().ShouldNotContain("Connection: close");
        Head().ShouldNotContain("Connection: close");

        _folder.Write("authority.pem", _second.Pem);
        Thread.Sleep(TimeSpan.FromSeconds(1.5));

        Head().ShouldContain("\r\nConnection: close\r\n", Case.Sensitive, exporter.Log);
        tls.ReadByte().ShouldBe(-1);

        string Head()
        {
            tls.Write("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8);
            var answer = new StringBuilder();
            while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                answer.Append((char)tls.ReadByte());
            }

            return answer.ToString();
        }
    }

    private static string[] Errors(SecuredExporter exporter) =>
        [.. exporter.Log.Split('\n').Where(line => line.Contains(" error ", StringComparison.Ordinal))];

    private static void Eventually(SecuredExporter exporter, Func<bool> condition, string what) =>
        Wait.Until(condition, () => $"{what}; log:\n{exporter.Log}", TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(200));

    private int Status(SecuredExporter exporter, string authority, params string[] arguments) =>
        exporter.Curl("/metrics", ["--cacert", _folder.PathOf(authority + ".pem"), "--user", "prometheus:newer", .. arguments]).Status;
}
