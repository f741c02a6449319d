using Shouldly;
using TcpStatExporter.Logging;
using Xunit;

namespace TcpStatExporter.Tests.Logging;

public sealed class FailureLineTests
{
    [Theory]
    [InlineData(false, "tcpstat-exporter: no.")]
    [InlineData(true, "<3>tcpstat-exporter: no.")]
    public void Has_error_priority_in_the_journal(bool isJournal, string line) => FailureLine.Format("no.", isJournal).ShouldBe(line);
}
