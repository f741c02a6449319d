using Microsoft.Extensions.Logging;
using Shouldly;
using TcpStatExporter.Sampling.SockDiag;
using TcpStatExporter.Sampling.Sources;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

/// <summary>sockstat's tw is relied on once a full dump has said the same.</summary>
public sealed class TimeWaitCheckTests
{
    private readonly RecordingLogger<SourceFactory> _log = new();
    private readonly TimeWaitCheck _check;

    public TimeWaitCheckTests() => _check = new TimeWaitCheck(_log);

    private int Warnings => _log.Entries.Count(entry => entry.Level == LogLevel.Warning);

    [Fact]
    public void Nothing_is_trusted_before_the_first_dump() => _check.Agrees.ShouldBeFalse();

    [Theory]
    [InlineData(0, 0, 0, true)]
    [InlineData(6, 38, 6, true)]
    [InlineData(6, 39, 6, false)]
    [InlineData(38, 6, 38, true)]
    [InlineData(6068, 6, 6068, false)]
    [InlineData(0, 6, 6068, true)] // they came during the dump
    [InlineData(9000, 10_000, 9900, true)]
    [InlineData(100_000, 100_800, 100_000, true)] // one in 128
    [InlineData(100_000, 100_900, 100_000, false)]
    public void A_dump_agrees_with_the_values_before_after_or_between(long before, long counted, long after, bool agrees)
    {
        _check.Compare(before, counted, after);
        _check.Agrees.ShouldBe(agrees);
        Warnings.ShouldBe(agrees ? 0 : 1);
    }

    [Fact]
    public void After_a_disagreement_three_dumps_in_a_row_have_to_agree()
    {
        _check.Compare(6, 6, 6);
        _check.Compare(6068, 6, 6068);
        _check.Agrees.ShouldBeFalse();
        _log.Entries[^1].Message.ShouldStartWith("sockstat reports 6068 sockets in TIME_WAIT, but this network namespace has 6. ");

        _check.Compare(6, 6, 6);
        _check.Compare(6, 6, 6);
        _check.Compare(6068, 6, 6068);
        Warnings.ShouldBe(1, "it is told once");
        _check.Compare(6, 6, 6);
        _check.Compare(6, 6, 6);
        _check.Agrees.ShouldBeFalse();
        _check.Compare(6, 6, 6);
        _check.Agrees.ShouldBeTrue();
        _log.Entries[^1].Message.ShouldBe("sockstat and the full dump agree on TIME_WAIT again.");

        _check.Compare(6068, 6, 6068);
        _check.Agrees.ShouldBeFalse();
        Warnings.ShouldBe(2);
    }

    [Fact]
    public void A_disagreement_at_the_start_is_logged_once()
    {
        _check.Compare(6068, 6, 6068);
        _check.Compare(6068, 6, 6068);
        Warnings.ShouldBe(1);
    }
}
