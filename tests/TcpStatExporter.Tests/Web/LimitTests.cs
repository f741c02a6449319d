using System.Net;
using System.Text;
using Shouldly;
using TcpStatExporter.Web;
using Xunit;

namespace TcpStatExporter.Tests.Web;

public sealed class LimitTests
{
    [Fact]
    public void A_bucket_admits_a_burst_and_then_one_request_per_interval()
    {
        var bucket = new TokenBucket(TimeSpan.FromSeconds(1), burst: 3);
        Taken(10, 0).ShouldBe(3);
        Taken(10, 0.9).ShouldBe(0);
        Taken(10, 1).ShouldBe(1);
        Taken(10, 3.5).ShouldBe(2);
        Taken(10, 4).ShouldBe(1, "half of it was there");
        Taken(10, 1000).ShouldBe(3, "and no more than the burst");

        int Taken(int requests, double second) => Enumerable.Range(0, requests).Count(_ => bucket.TryTake(TimeSpan.FromSeconds(1000 + second)));
    }

    [Fact]
    public void One_peer_gets_at_most_half_of_the_scrape_slots()
    {
        var slots = new ScrapeSlots(5);
        var (greedy, other) = (Peer.Of(IPAddress.Parse("192.0.2.1")), Peer.Of(IPAddress.Parse("192.0.2.2")));
        Enumerable.Range(0, 9).Count(_ => slots.TryEnter(greedy)).ShouldBe(3);
        Enumerable.Range(0, 9).Count(_ => slots.TryEnter(other)).ShouldBe(2);
        slots.Leave(greedy);
        slots.TryEnter(other).ShouldBeTrue();
        slots.TryEnter(other).ShouldBeFalse();

        new ScrapeSlots(1).TryEnter(greedy).ShouldBeTrue();
        var unlimited = new ScrapeSlots(0);
        Enumerable.Range(0, 1000).ShouldAllBe(_ => unlimited.TryEnter(greedy));
    }

    [Theory]
    [InlineData("user:secret", "user", "secret")]
    [InlineData("user:", "user", "")]
    [InlineData(":secret", "", "secret")]
    [InlineData("user:se:cret", "user", "se:cret")]
    [InlineData("ünser:pässword", "ünser", "pässword")]
    public void Credentials_are_split_at_the_first_colon(string text, string user, string password)
    {
        foreach (var scheme in (string[])["Basic", "basic", "BASIC"])
        {
            BasicCredentials.TryParse($"{scheme} {Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}", out var credentials).ShouldBeTrue();
            (credentials.User, Encoding.UTF8.GetString(credentials.Password.Span)).ShouldBe((user, password));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("Basic dXNlcg==")] // no colon
    [InlineData("Basic dXNlcjpzZWNyZX")] // cut off
    [InlineData("Basic !!!!")]
    [InlineData("Bearer dXNlcjpzZWNyZXQ=")]
    public void A_header_without_credentials_is_rejected(string? header) => BasicCredentials.TryParse(header, out _).ShouldBeFalse();

    [Fact]
    public void Two_headers_are_rejected() => BasicCredentials.TryParse(new(["Basic dXNlcjpzZWNyZXQ=", "Basic dXNlcjpzZWNyZXQ="]), out _).ShouldBeFalse();
}
