namespace TcpStatExporter.Metrics;

/// <summary>
/// Turns the kernel's spelling of a counter into the snake case of a metric name: <c>TCPReqQFullDoCookies</c> becomes
/// <c>req_q_full_do_cookies</c>. A rule, not a table, so that counters of kernels yet to come get names too.
/// </summary>
internal static class CounterName
{
    /// <summary>Longest result, in characters. The longest of the kernel's needs 25.</summary>
    public const int MaxLength = 96;

    /// <summary>
    /// The part of a metric name that stands for <paramref name="kernelName"/>: one or more of <c>a-z 0-9 _</c>, at
    /// most <see cref="MaxLength"/> of them, whatever the input.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A leading <c>TCP</c> or <c>Tcp</c> goes if a capital or digit follows. Words begin where lower case meets a
    /// capital, and at the last capital of an acronym that a lower-case letter follows; a plural <c>s</c> stays with
    /// its acronym and digits with what precedes them. A character that no metric name may hold becomes <c>_</c>.
    /// </para>
    /// <para>
    /// Names that Linux prints stay apart within their group. Others may not (<c>TCPFoo</c> and <c>Foo</c>): whoever
    /// exports counters never heard of looks for duplicates.
    /// </para>
    /// </remarks>
    /// <param name="kernelName">A name as <c>/proc/net/snmp</c> or <c>/proc/net/netstat</c> prints it.</param>
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

    /// <summary>HMac is one word, and <c>_h_</c> would look like a unit of time.</summary>
    private static bool IsHmac(ReadOnlySpan<char> name, int i) => name[i - 1] == 'H' && name[i..].StartsWith("Mac", StringComparison.Ordinal);

    /// <summary>Whether the word so far is in lower case, digits aside: <c>FinWait2</c> is, <c>MD5</c> is not.</summary>
    private static bool EndsInLowerCase(ReadOnlySpan<char> before)
    {
        int last = before.LastIndexOfAnyExceptInRange('0', '9');
        return last >= 0 && char.IsAsciiLetterLower(before[last]);
    }

    /// <summary>Whether a lower-case word goes on here: <c>otFound</c> is one, the plural <c>s</c> of <c>RTOs</c> is not.</summary>
    private static bool BeginsLowerCase(ReadOnlySpan<char> after)
    {
        bool plural = after is ['s'] || (after is ['s', var next, ..] && !char.IsAsciiLetterLower(next));
        return after is [>= 'a' and <= 'z', ..] && !plural;
    }
}
