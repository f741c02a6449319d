using System.Text;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Linux;

public sealed class BcryptTests
{
    private const string Long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary>The test vectors of crypt_blowfish 1.3 (wrapper.c).</summary>
    [SkippableTheory]
    [InlineData("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U")]
    [InlineData("$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*")]
    [InlineData("$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U")]
    [InlineData("$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", Long + "chars after 72 are ignored")]
    [InlineData("$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U")]
    [InlineData("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U")]
    public void Verifies_published_vectors(string hash, string password)
    {
        Skip.IfNot(Bcrypt.IsAvailable, "libcrypt is not installed");
        Bcrypt.IsHash(hash).ShouldBeTrue();
        Bcrypt.Verify(hash, Encoding.ASCII.GetBytes(password)).ShouldBeTrue();
        Bcrypt.Verify(hash, Encoding.ASCII.GetBytes("x" + password)).ShouldBeFalse();
        Bcrypt.Verify(hash[..^1] + (hash[^1] == 'a' ? 'b' : 'a'), Encoding.ASCII.GetBytes(password)).ShouldBeFalse();
    }

    [SkippableFact]
    public void A_password_ends_where_it_ends()
    {
        Skip.IfNot(Bcrypt.IsAvailable, "libcrypt is not installed");
        const string Hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        Bcrypt.Verify(Hash, "U*U\0more"u8).ShouldBeFalse("C would stop at the NUL");
        Bcrypt.Verify(Hash, "U*"u8).ShouldBeFalse();
        Bcrypt.Verify(Hash, default).ShouldBeFalse();
        Bcrypt.Verify("$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", Encoding.ASCII.GetBytes(Long + new string('x', 100_000))).ShouldBeTrue();
        Bcrypt.Verify("$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", Encoding.ASCII.GetBytes(Long[..^1])).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe")]
    [InlineData("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWW")]
    [InlineData("$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("$2a$32$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("$2a$+5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")] // of a sign bug, and wrong for some passwords
    [InlineData("$1a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0Xou:Yb4YMJKvyOeW")]
    public void What_is_no_hash_is_told(string text) => Bcrypt.IsHash(text).ShouldBeFalse();
}
