using System.Globalization;
using Shouldly;
using TcpStatExporter.Systemd;
using Xunit;

namespace TcpStatExporter.Tests.Systemd;

/// <summary>sd_listen_fds(3): which descriptors are for this process.</summary>
public sealed class ListenSocketsTests
{
    private static readonly string Own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    [Fact]
    public void Descriptors_follow_the_standard_ones() =>
        ListenSockets.Descriptors(Variables(Own, "2")).ShouldBe([3UL, 4UL]);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("two")]
    [InlineData("1000000000")]
    [InlineData("99999999999")]
    public void An_invalid_number_means_no_sockets(string? count) =>
        ListenSockets.Descriptors(Variables(Own, count)).ShouldBeEmpty();

    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    public void Sockets_for_another_process_are_ignored(string? pid) =>
        ListenSockets.Descriptors(Variables(pid, "1")).ShouldBeEmpty();

    private static Func<string, string?> Variables(string? pid, string? count) =>
        name => name switch { "LISTEN_PID" => pid, "LISTEN_FDS" => count, _ => null };
}
