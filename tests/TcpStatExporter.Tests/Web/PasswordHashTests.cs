using System.Text;
using Shouldly;
using TcpStatExporter.Web;
using Xunit;

namespace TcpStatExporter.Tests.Web;

public sealed class PasswordHashTests
{
    private const string Long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary>The test vectors of crypt_blowfish 1.3 (wrapper.c).</summary>
    [Theory]
    [InlineData("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U")]
    [InlineData("$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*")]
    [InlineData("$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U")]
    [InlineData("$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", Long + "chars after 72 are ignored")]
    [InlineData("$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U")]
    [InlineData("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U")]
    public void Verifies_published_vectors(string hash, string password)
    {
        PasswordHash.IsHash(hash).ShouldBeTrue();
        PasswordHash.Verify(hash, Encoding.ASCII.GetBytes(password)).ShouldBeTrue();
        PasswordHash.Verify(hash, Encoding.ASCII.GetBytes("x" + password)).ShouldBeFalse();
        PasswordHash.Verify(hash[..^1] + (hash[^1] == 'a' ? 'b' : 'a'), Encoding.ASCII.GetBytes(password)).ShouldBeFalse();
    }

    [Fact]
    public void Only_the_whole_password_matches()
    {
        const string Hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        PasswordHash.Verify(Hash, "U*U\0more"u8).ShouldBeFalse("C would stop at the NUL");
        PasswordHash.Verify(Hash, "U*"u8).ShouldBeFalse();
        PasswordHash.Verify(Hash, default).ShouldBeFalse();
        PasswordHash.Verify(Hash, "U*U\0U*U"u8).ShouldBeFalse("bcrypt takes a short password over and over");
        PasswordHash.Verify(Hash, [.. "U*U"u8, 0xff]).ShouldBeFalse("no UTF-8");
        PasswordHash.Verify("$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", Encoding.ASCII.GetBytes(Long + new string('x', 100_000))).ShouldBeTrue();
        PasswordHash.Verify("$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", Encoding.ASCII.GetBytes(Long[..^1])).ShouldBeFalse();
    }

    /// <summary>Created with crypt(3) of libxcrypt 4.4.</summary>
    [Fact]
    public void A_password_is_UTF8() =>
        PasswordHash.Verify("$2b$05$tcpstatExporterTestSaerjOlOgsmJ3Bh7yAFtJ/2i5Kmb8tvm2q", "pässwörd €😀"u8).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe")]
    [InlineData("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWW")]
    [InlineData("$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("$2a$32$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("$2a$+5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")] // from a version with a sign bug, wrong for some passwords
    [InlineData("$1a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0Xou:Yb4YMJKvyOeW")]
    public void What_is_not_a_hash_is_detected(string text) => PasswordHash.IsHash(text).ShouldBeFalse();
}
