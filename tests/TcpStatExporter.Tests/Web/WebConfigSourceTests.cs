using Microsoft.Extensions.Logging;
using Shouldly;
using TcpStatExporter.Tests.Support;
using TcpStatExporter.Web;
using Xunit;

namespace TcpStatExporter.Tests.Web;

public sealed class WebConfigSourceTests : IDisposable
{
    private const string Header = "http_server_config: { headers: { X-XSS-Protection: '0' } }\n";

    private readonly TestFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger<WebConfigSource> _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Checks_once_a_second_and_reloads_what_changed()
    {
        var source = Open("");
        var first = source.Current;
        Tick();
        source.Current.ShouldBeSameAs(first, "nothing changed");

        _folder.Write("web.yml", Header);
        source.Current.ShouldBeSameAs(first, "not yet");
        Tick();
        source.Current.Headers.Count.ShouldBe(1);
        _log.Entries.ShouldHaveSingleItem().Message.ShouldStartWith("Reloaded ");
    }

    [Fact]
    public void A_broken_file_is_logged_once_and_the_old_one_stays()
    {
        var source = Open(Header);
        _folder.Write("web.yml", "nonsense: 1\n");
        for (var i = 0; i < 3; i++)
        {
            Tick();
            source.Current.Headers.Count.ShouldBe(1);
        }

        var (level, message, _) = _log.Entries.ShouldHaveSingleItem();
        level.ShouldBe(LogLevel.Error);
        message.ShouldContain("line 1: nonsense: unknown key");

        File.Delete(_folder.PathOf("web.yml"));
        Tick();
        source.Current.Headers.Count.ShouldBe(1);
        _log.Entries.Count.ShouldBe(2);
        _folder.Write("web.yml", "");
        Tick();
        source.Current.Headers.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http_server_config: { headers: { X-XSS-Protection: [")]
    [InlineData("a: [1\n")]
    [InlineData("? &a [*a]")]
    [InlineData("a: \0")]
    [InlineData("rate_limit: { interval: 10000h, burst: 2000000000 }")]
    [InlineData("tls_server_config: { cert_file: \"\\0\", key_file: a }")]
    [InlineData(null)]
    public void An_error_in_a_changed_file_is_logged_once_by_checks_and_reloads(string? text)
    {
        var source = Open(Header);
        if (text is null)
        {
            File.Delete(_folder.PathOf("web.yml"));
            Directory.CreateDirectory(_folder.PathOf("web.yml"));
        }
        else
        {
            _folder.Write("web.yml", text);
        }

        for (var i = 0; i < 3; i++)
        {
            Tick();
            source.Current.Headers.Count.ShouldBe(1);
            source.Refresh().ShouldBeFalse();
        }

        var (level, message, exception) = _log.Entries.ShouldHaveSingleItem();
        level.ShouldBe(LogLevel.Error);
        message.ShouldContain(_folder.PathOf("web.yml"));
        exception.ShouldBeNull();

        if (text is null)
        {
            Directory.Delete(_folder.PathOf("web.yml"));
        }

        _folder.Write("web.yml", "");
        source.Refresh().ShouldBeTrue();
        source.Current.Headers.ShouldBeEmpty();
        _log.Entries[^1].Message.ShouldStartWith("Reloaded ");
    }

    [Fact]
    public void A_changed_certificate_is_reloaded_and_one_without_its_key_waits_for_it()
    {
        using var authority = new TestAuthority("authority");
        _folder.Write("server", authority.Server("first"));
        var source = Open("tls_server_config: { cert_file: server.pem, key_file: server.key }\n");
        var first = source.Current.Tls;

        var (certificate, key) = authority.Server("second");
        _folder.Write("server.pem", certificate);
        Tick();
        source.Current.Tls.ShouldBeSameAs(first);
        _log.Entries.ShouldHaveSingleItem().Level.ShouldBe(LogLevel.Error);
        _folder.Write("server.key", key);
        Tick();
        source.Current.Tls!.ServerCertificateContext!.TargetCertificate.Subject.ShouldBe("CN=second");

        _folder.Write("web.yml", "");
        Tick();
        source.Current.Tls.ShouldNotBeNull();
        _log.Entries[^1].Message.ShouldContain("turns TLS off. This needs a restart");
    }

    [Fact]
    public void Repeated_checks_within_a_second_allocate_nothing()
    {
        var source = Open(Header);
        _ = source.Current;
        Allocated.By(() => _ = source.Current).ShouldBe(0);
    }

    private WebConfigSource Open(string text)
    {
        _folder.Write("web.yml", text);
        return new WebConfigSource(_folder.PathOf("web.yml"), _time, _log);
    }

    private void Tick() => _time.Advance(WebConfigSource.Pace);
}
