using Shouldly;
using TcpStatExporter.Logging;
using Xunit;

namespace TcpStatExporter.Tests.Logging;

public sealed class JournalTests
{
    [Theory]
    [InlineData("9:12345", "socket:[12345]", true)]
    [InlineData("9:12345", "socket:[1234]", false)] // stderr was redirected
    [InlineData("9:12345", "socket:[123456]", false)]
    [InlineData("9:12345", "/var/log/x", false)]
    [InlineData("9:12345", "pipe:[12345]", false)]
    [InlineData("9:12345", null, false)]
    [InlineData(null, "socket:[12345]", false)]
    [InlineData("", "socket:[]", false)]
    [InlineData("12345", "socket:[12345]", false)]
    [InlineData(":12345", "socket:[12345]", false)]
    public void Recognizes_its_stream(string? journalStream, string? target, bool isJournal) =>
        Journal.IsStderr(journalStream, target).ShouldBe(isJournal);

    [Fact]
    public void Works_for_this_process() => Should.NotThrow(() => Journal.IsStderr());
}
