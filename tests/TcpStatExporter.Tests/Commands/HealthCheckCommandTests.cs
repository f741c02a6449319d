using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Shouldly;
using TcpStatExporter.Commands;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Commands;

/// <summary>The health check against servers that answer in every way that the exporter can.</summary>
[Collection("console")]
public sealed class HealthCheckCommandTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public HealthCheckCommandTests() => _listener.Start();

    private IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    [Theory]
    [InlineData("200 OK", 0)]
    [InlineData("401 Unauthorized", 0)] // it asks for a password, and tells a stranger nothing more
    [InlineData("429 Too Many Requests", 0)] // others have used up the common rate_limit
    [InlineData("503 Service Unavailable", 1)]
    [InlineData("404 Not Found", 1)]
    public async Task The_status_decides(string status, int exitCode)
    {
        var server = ServeAsync(async stream => await AnswerAsync(stream, status));

        (await CheckAsync()).ShouldBe((exitCode, $"{Address}: HTTP/1.1 {status}\n"));
        (await server).ShouldStartWith("GET /-/ready HTTP/1.1\r\n");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u0015\u0003\u0003\0\u0002\u0002\u0046")] // a TLS alert: protocol version
    public async Task A_TLS_port_is_asked_over_TLS(string onPlainHttp)
    {
        using var certificate = Certificate();
        var server = ServeAsync(stream => RefuseAsync(stream, onPlainHttp), stream => AnswerByTlsAsync(stream, certificate, wantsCertificate: false));

        (await CheckAsync()).ShouldBe((0, $"{Address}: HTTP/1.1 200 OK\n"));
        (await server).ShouldStartWith("GET /-/ready HTTP/1.1\r\n");
    }

    [Fact]
    public async Task A_server_that_requires_a_certificate_is_healthy()
    {
        using var certificate = Certificate();
        var server = ServeAsync(stream => Task.FromResult(""), stream => AnswerByTlsAsync(stream, certificate, wantsCertificate: true));

        (await CheckAsync()).ExitCode.ShouldBe(0);
        await Should.ThrowAsync<System.Security.Authentication.AuthenticationException>(server);
    }

    [Fact]
    public async Task A_server_that_closes_twice_is_unhealthy()
    {
        var server = ServeAsync(_ => Task.FromResult(""), _ => Task.FromResult(""));

        (await CheckAsync()).ExitCode.ShouldBe(1);
        await server;
    }

    [Fact]
    public async Task No_server_is_unhealthy()
    {
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        (await CheckAsync(bound.LocalEndPoint)).ShouldBe((1, $"{bound.LocalEndPoint}: Connection refused\n"));
    }

    [Fact]
    public async Task A_silent_server_times_out()
    {
        var (exitCode, output) = await CheckAsync(patience: null); // the kernel connects, and nobody accepts

        exitCode.ShouldBe(1);
        output.ShouldBe($"{Address}: no answer within 4 s\n");
    }

    public void Dispose() => _listener.Dispose();

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private static async Task<string> RefuseAsync(Stream stream, string answer)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(answer));
        return "";
    }

    private static async Task<string> AnswerByTlsAsync(Stream stream, X509Certificate2 certificate, bool wantsCertificate)
    {
        await using var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ClientCertificateRequired = wantsCertificate,
            RemoteCertificateValidationCallback = (_, client, _, _) => client is not null || !wantsCertificate,
        });
        return await AnswerAsync(tls, "200 OK");
    }

    private static async Task<string> AnswerAsync(Stream stream, string status)
    {
        var buffer = new byte[1024];
        var length = await stream.ReadAsync(buffer);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"));
        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    /// <summary>Serves one connection after another. Returns the request of the last one.</summary>
    private async Task<string> ServeAsync(params Func<Stream, Task<string>>[] connections)
    {
        var request = "";
        foreach (var serve in connections)
        {
            using var client = await _listener.AcceptTcpClientAsync();
            request = await serve(client.GetStream());
        }

        return request;
    }

    private Task<(int ExitCode, string Output)> CheckAsync(EndPoint? address = null) => CheckAsync(TimeSpan.FromMinutes(1), address);

    private async Task<(int ExitCode, string Output)> CheckAsync(TimeSpan? patience, EndPoint? address = null)
    {
        var options = await Arguments.Options($"--web.listen-address={address ?? Address}");
        var before = Console.Out;
        using var output = new StringWriter();
        Console.SetOut(output);
        try
        {
            return (await HealthCheckCommand.RunAsync(options, patience), output.ToString());
        }
        finally
        {
            Console.SetOut(before);
        }
    }
}
