using Shouldly;
using TcpStatExporter.Host;
using Xunit;

namespace TcpStatExporter.Tests.Host;

public sealed class NewFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-");

    [Fact]
    public void Writes_a_file_once_and_never_over_another()
    {
        var path = Path.Combine(_folder.FullName, "new");
        NewFile.TryWrite(path, "first\n"u8, out _).ShouldBeTrue();
        NewFile.TryWrite(path, "second\n"u8, out var reason).ShouldBeFalse();
        reason.ShouldContain("left as it is");
        File.ReadAllText(path).ShouldBe("first\n");
    }

    [Fact]
    public void Checking_leaves_nothing_behind_and_overwrites_nothing()
    {
        var path = Path.Combine(_folder.FullName, "new");
        NewFile.CanWrite(path, out _).ShouldBeTrue();
        File.Exists(path).ShouldBeFalse();
        NewFile.TryWrite(path, "first\n"u8, out _).ShouldBeTrue();
        NewFile.CanWrite(path, out var reason).ShouldBeFalse();
        reason.ShouldContain("left as it is");
        File.ReadAllText(path).ShouldBe("first\n");
    }

    [Fact]
    public void Does_not_follow_links()
    {
        var target = Path.Combine(_folder.FullName, "target");
        var link = Path.Combine(_folder.FullName, "link");
        File.CreateSymbolicLink(link, target);
        NewFile.TryWrite(link, "x"u8, out var reason).ShouldBeFalse();
        reason.ShouldContain("left as it is");
        File.Exists(target).ShouldBeFalse();
    }

    [Theory]
    [InlineData("missing/new")]
    [InlineData("")]
    public void Says_why_it_could_not_write(string name)
    {
        var path = name.Length == 0 ? "" : Path.Combine(_folder.FullName, name);
        NewFile.TryWrite(path, "x"u8, out var reason).ShouldBeFalse();
        reason.ShouldNotBeEmpty();
        NewFile.CanWrite(path, out reason).ShouldBeFalse();
        reason.ShouldNotBeEmpty();
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
