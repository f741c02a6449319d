using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Model;

/// <summary>Names of AF_UNIX sockets, of any bytes, as text. A character of a test's name stands for one byte.</summary>
public sealed class UnixNameTests
{
    [Theory]
    [InlineData("/run/php/php-fpm.sock\0", "/run/php/php-fpm.sock")]
    [InlineData("/run/docker.sock", "/run/docker.sock")]
    [InlineData("relative.sock\0", "relative.sock")]
    [InlineData("\0/org/app", "@/org/app")]
    [InlineData("@path\0", "@path")]
    [InlineData("", "")]
    [InlineData("\0", "")]
    [InlineData("\0\0\0\0", "")]
    [InlineData("a\0b", "a")]
    public void A_path_is_itself_and_an_abstract_name_begins_with_an_at_sign(string name, string text) => Text(name).ShouldBe(text);

    /// <summary>autobind: bind(2) with an empty name, or a connect that passes credentials.</summary>
    [Theory]
    [InlineData("\000a4", "@00a4")]
    [InlineData("\0040ca", "")]
    [InlineData("\0fffff", "")]
    [InlineData("\0FFFFF", "@FFFFF")]
    [InlineData("\0fffff0", "@fffff0")]
    public void A_name_that_the_kernel_chose_is_none(string name, string text) => Text(name).ShouldBe(text);

    [Theory]
    [InlineData("a\nb\tc\x7f", @"a\x0ab\x09c\x7f")]
    [InlineData("say \"x\"", "say \"x\"")]
    [InlineData("back\\slash", @"back\x5cslash")]
    [InlineData("bad\xff\xc3.sock", @"bad\xff\xc3.sock")]
    [InlineData("\xc3\xbc", "ü")]
    [InlineData("\xe6\xbc\xa2", "漢")]
    [InlineData("\xf0\x9f\x90\x98", "🐘")]
    [InlineData("a\xe2\x80\xae" + "b", @"a\xe2\x80\xaeb")]
    [InlineData("\xed\xa0\x80", @"\xed\xa0\x80")]
    [InlineData("\0in\0side\0\0\0", @"@in\x00side")]
    public void What_cannot_be_shown_is_escaped(string name, string text) => Text(name).ShouldBe(text);

    [Theory]
    [InlineData("/run/containerd/s/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "/run/containerd/s/*")]
    [InlineData("\0/containerd-shim/4f1d0e2b9c8a7d6e5f.sock", "@/containerd-shim/*.sock")]
    [InlineData("/tmp/vscode-6ba7b810-9dad-11d1-80b4-00c04fd430c8.sock", "/tmp/vscode-*.sock")]
    [InlineData("/tmp/dotnet-diagnostic-17470-3860562-socket", "/tmp/dotnet-diagnostic-*-*-socket")]
    [InlineData("/tmp/ssh/agent.4242", "/tmp/ssh/agent.*")]
    [InlineData("/tmp/.X11-unix/X0", "/tmp/.X11-unix/X0")]
    [InlineData("/var/tmp/a12", "/var/tmp/a12")]
    [InlineData("/var/tmp/12a345", "/var/tmp/12a*")]
    [InlineData("/run/php8.4-fpm-www.sock", "/run/php8.4-fpm-www.sock")]
    [InlineData("/run/user/1000/bus", "/run/user/1000/bus")]
    [InlineData("/run/app-2026-11-27.sock", "/run/app-2026-11-27.sock")]
    [InlineData("/run/decade-facade-added-beef-cafe", "/run/decade-facade-added-beef-cafe")]
    public void What_changes_at_each_start_is_a_star(string name, string text) => Text(name).ShouldBe(text);

    [Fact]
    public void A_text_is_bounded_whatever_the_name()
    {
        Text(new string('x', 108)).Length.ShouldBe(108);
        Text("\0" + new string('\xff', 107)).Length.ShouldBeInRange(UnixName.MaxLength - 4, UnixName.MaxLength);
        Text(new string('y', 1000)).Length.ShouldBe(UnixName.MaxLength);
    }

    [Fact]
    public void Any_bytes_become_visible_text_of_bounded_length() => Prop.ForAll(
        Gen.Elements<byte>(0, 1, 10, 34, 45, 48, 92, 97, 128, 0xbf, 0xc3, 0xe2, 0x80, 0xae, 0xf0, 0x9f, 0xff).ArrayOf().ToArbitrary(),
        bytes =>
        {
            var text = new string('\0', UnixName.MaxLength).ToCharArray();
            var length = UnixName.Format(bytes, text);
            var shown = new string(text, 0, length);
            shown.EnumerateRunes().ShouldAllBe(rune => rune != Rune.ReplacementChar && !Rune.IsControl(rune));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void It_allocates_nothing()
    {
        var name = Encoding.Latin1.GetBytes("/run/gr\xc3\xbcn\xff 0123456789abcdef0123.sock");
        var text = new char[UnixName.MaxLength];
        Allocated.By(() => UnixName.Format(name, text)).ShouldBe(0);
    }

    private static string Text(string name)
    {
        var text = new char[UnixName.MaxLength];
        return new string(text, 0, UnixName.Format(Encoding.Latin1.GetBytes(name), text));
    }
}
