namespace TcpStatExporter.Metrics;

/// <summary>
/// Converts the kernel's name of a counter to snake case for a metric name: <c>TCPReqQFullDoCookies</c> becomes
/// <c>req_q_full_do_cookies</c>. This is a rule, not a table, so counters of future kernels get names too.
/// </summary>
internal static class CounterName
{
    /// <summary>Maximum length of the result, in characters. The longest current name needs 25.</summary>
    public const int MaxLength = 96;

    /// <summary>
    /// Returns the part of a metric name for <paramref name="kernelName"/>: one or more of <c>a-z 0-9 _</c>, at most <see
    /// cref="MaxLength"/> characters, for any input.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A leading <c>TCP</c> or <c>Tcp</c> is removed if a capital or digit follows. A new word starts where a capital follows
    /// lower case, and at the last capital of an acronym that is followed by a lower-case letter. A plural <c>s</c> stays
    /// with its acronym, and digits stay with what precedes them. A character that is not allowed in metric names becomes
    /// <c>_</c>.
    /// </para>
    /// <para>
    /// Names that Linux prints stay different within their group. Others may collide (<c>TCPFoo</c> and <c>Foo</c>), so code
    /// that exports unknown counters has to check for duplicates.
    /// </para>
    /// </remarks>
    /// <param name="kernelName">A name from <c>/proc/net/snmp</c> or <c>/proc/net/netstat</c>.</param>
    public static string ToSnakeCase(ReadOnlySpan<char> kernelName)
    {
        ReadOnlySpan<char> name = WithoutLeadingTcp(kernelName);
        Span<char> snake = stackalloc char[MaxLength + 1];
        int length = 0;

        for (int i = 0; i < name.Length && length < MaxLength; i++)
        {
            if (BeginsWord(name, i))
            {
                snake[length++] = '_';
            }

            snake[length++] = char.IsAsciiLetterOrDigit(name[i]) ? char.ToLowerInvariant(name[i]) : '_';
        }

        return length == 0 ? "_" : new string(snake[..Math.Min(length, MaxLength)]);
    }

    private static ReadOnlySpan<char> WithoutLeadingTcp(ReadOnlySpan<char> name) =>
        name.Length > 3
        && (name.StartsWith("TCP", StringComparison.Ordinal) || name.StartsWith("Tcp", StringComparison.Ordinal))
        && (char.IsAsciiLetterUpper(name[3]) || char.IsAsciiDigit(name[3]))
            ? name[3..]
            : name;

    private static bool BeginsWord(ReadOnlySpan<char> name, int i)
    {
        if (i == 0 || !char.IsAsciiLetterUpper(name[i]) || !char.IsAsciiLetterOrDigit(name[i - 1]))
        {
            return false;
        }

        return EndsInLowerCase(name[..i]) || (BeginsLowerCase(name[(i + 1)..]) && !IsHmac(name, i));
    }

    /// <summary>HMac is one word. <c>_h_</c> would look like a unit of time.</summary>
    private static bool IsHmac(ReadOnlySpan<char> name, int i) => name[i - 1] == 'H' && name[i..].StartsWith("Mac", StringComparison.Ordinal);

    /// <summary>
    /// Returns true if the word so far is in lower case, ignoring digits: true for <c>FinWait2</c>, false for <c>MD5</c>.
    /// </summary>
    private static bool EndsInLowerCase(ReadOnlySpan<char> before)
    {
        int last = before.LastIndexOfAnyExceptInRange('0', '9');
        return last >= 0 && char.IsAsciiLetterLower(before[last]);
    }

    /// <summary>
    /// Returns true if a lower-case word continues here: true for <c>otFound</c>, false for the plural <c>s</c> of
    /// <c>RTOs</c>.
    /// </summary>
    private static bool BeginsLowerCase(ReadOnlySpan<char> after)
    {
        bool plural = after is ['s'] || (after is ['s', var next, ..] && !char.IsAsciiLetterLower(next));
        return after is [>= 'a' and <= 'z', ..] && !plural;
    }
}
