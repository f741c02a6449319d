using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Metrics;
using Xunit;

namespace TcpStatExporter.Tests.Metrics;

public sealed partial class CounterNameTests
{
    public static TheoryData<string, string> EveryKernelName()
    {
        TheoryData<string, string> data = [];
        foreach ((string kernelName, string snake) in
            KernelCounterNames.Tcp.Concat(KernelCounterNames.TcpExt).Concat(KernelCounterNames.GoneFromTcpExt)
                .Concat(KernelCounterNames.Udp).Concat(KernelCounterNames.Mptcp).DistinctBy(name => name.Key, StringComparer.Ordinal))
        {
            data.Add(kernelName, snake);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(EveryKernelName))]
    public void Names_what_Linux_prints(string kernelName, string snake) =>
        CounterName.ToSnakeCase(kernelName).ShouldBe(snake);

    [Fact]
    public void Keeps_the_names_of_a_group_apart()
    {
        KernelCounterNames.Tcp.Keys.Select(Snake).ShouldBeUnique(StringComparer.Ordinal);
        KernelCounterNames.TcpExt.Keys.Concat(KernelCounterNames.GoneFromTcpExt.Keys).Select(Snake).ShouldBeUnique(StringComparer.Ordinal);
        KernelCounterNames.Udp.Keys.Select(Snake).ShouldBeUnique(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("TCP", "tcp")] // nothing would be left
    [InlineData("TCPs", "tcps")] // not a prefix: no capital or digit follows
    [InlineData("Tcpdump", "tcpdump")]
    [InlineData("TCP6Foo", "6_foo")]
    [InlineData("TCPTCPFoo", "tcp_foo")] // only one prefix is removed
    [InlineData("RTOsSeen", "rtos_seen")] // a plural inside the name
    [InlineData("RTOs2", "rtos2")]
    [InlineData("ACKSeen", "ack_seen")] // S starts a word and is not a plural
    [InlineData("MD5SIGFail", "md5sig_fail")] // digits stay with what precedes them
    [InlineData("FinWait2ACK", "fin_wait2_ack")]
    [InlineData("Wait2nd", "wait2nd")]
    [InlineData("MPJoinAckHMacFailure", "mp_join_ack_hmac_failure")] // one word
    [InlineData("X", "x")]
    public void Applies_the_rule_to_future_names(string kernelName, string snake) =>
        CounterName.ToSnakeCase(kernelName).ShouldBe(snake);

    [Theory]
    [InlineData("", "_")]
    [InlineData("Foo-Bar", "foo_bar")]
    [InlineData("Foo_Bar", "foo_bar")]
    [InlineData("Foo\"}\n 1", "foo____1")]
    [InlineData("Écho", "_cho")]
    [InlineData("\0\u2028", "__")]
    public void Replaces_characters_that_metric_names_cannot_have(string kernelName, string snake) =>
        CounterName.ToSnakeCase(kernelName).ShouldBe(snake);

    [Fact]
    public void Replaces_an_unpaired_surrogate() => CounterName.ToSnakeCase(['a', '\ud800', 'B']).ShouldBe("a_b");

    [Theory]
    [InlineData('a')]
    [InlineData('A')]
    [InlineData('-')]
    public void Limits_the_length(char c) =>
        CounterName.ToSnakeCase(new string(c, 1 << 20)).Length.ShouldBe(CounterName.MaxLength);

    [Fact]
    public void Limits_the_length_if_the_last_character_begins_a_word() =>
        CounterName.ToSnakeCase(new string('a', CounterName.MaxLength - 1) + "Word").Length.ShouldBe(CounterName.MaxLength);

    [Fact]
    public void Returns_a_valid_and_stable_name_for_any_input() => Prop.ForAll<string?>(text =>
    {
        string snake = CounterName.ToSnakeCase(text);
        return ValidName().IsMatch(snake)
            && snake.Length <= CounterName.MaxLength
            && string.Equals(CounterName.ToSnakeCase(snake), snake, StringComparison.Ordinal);
    }).QuickCheckThrowOnFailure();

    private static string Snake(string kernelName) => CounterName.ToSnakeCase(kernelName);

    [GeneratedRegex("^[a-z0-9_]+\\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex ValidName();
}
