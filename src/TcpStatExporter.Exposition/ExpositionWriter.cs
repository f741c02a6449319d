namespace TcpStatExporter.Exposition;

/// <summary>
/// Writes one page after another into a buffer: <see cref="Begin"/>, then each family followed by its samples, then
/// <see cref="End"/>. It allocates nothing once the buffer has grown to the size of a page. A family that gets no
/// sample leaves no trace. That families and label sets are not repeated within a page is the caller's part. Not for
/// use by two threads at once.
/// </summary>
/// <param name="buffer">Where pages go. It holds one at a time.</param>
/// <param name="common">Labels of every sample, of other names than those of the samples; none if not given.</param>
public sealed class ExpositionWriter(ExpositionBuffer buffer, LabelSet? common = null)
{
    /// <summary>What a sample line has besides name, labels and value: <c>{,,} \n</c>.</summary>
    private const int Punctuation = 6;

    private readonly LabelSet _common = common ?? LabelSet.Empty;

    private ExpositionFormat _format;
    private MetricFamily? _family;

    /// <summary>
    /// What stands before the labels of the next sample: the family's header and the sample's name for the first one,
    /// the name alone from then on.
    /// </summary>
    private byte[] _lead = [];

    /// <summary>Starts a page; what the buffer held is forgotten.</summary>
    /// <param name="format">Format of the page.</param>
    public void Begin(ExpositionFormat format)
    {
        buffer.Clear();
        _format = format;
        _family = null;
    }

    /// <summary>Starts a family, to which the samples that follow belong.</summary>
    /// <param name="family">A family that this page has not had yet.</param>
    public void Family(MetricFamily family)
    {
        ArgumentNullException.ThrowIfNull(family);
        _family = family;
        _lead = family.Opening(_format);
    }

    /// <summary>Writes the one sample of a family without labels.</summary>
    /// <param name="value">Its value.</param>
    /// <exception cref="InvalidOperationException">The family is a histogram, or there is none.</exception>
    public void Sample(MetricValue value) => Sample(LabelSet.Empty, LabelSet.Empty, value);

    /// <summary>Writes one sample.</summary>
    /// <param name="labels">Labels that no other sample of the family has.</param>
    /// <param name="value">Its value; 1 for an info.</param>
    /// <exception cref="InvalidOperationException">The family is a histogram, or there is none.</exception>
    public void Sample(LabelSet labels, MetricValue value) => Sample(labels, LabelSet.Empty, value);

    /// <summary>Writes one sample with labels from two sets.</summary>
    /// <param name="labels">What is described, for instance a listener.</param>
    /// <param name="more">What tells its samples apart, for instance a state; of other names than those in <paramref name="labels"/>.</param>
    /// <param name="value">Its value; 1 for an info.</param>
    /// <exception cref="InvalidOperationException">The family is a histogram, or there is none.</exception>
    public void Sample(LabelSet labels, LabelSet more, MetricValue value)
    {
        if (_family is not { Type: not MetricType.Histogram } family)
        {
            throw new InvalidOperationException("A sample needs a family that is not a histogram.");
        }

        WriteLine(_lead, labels.Encoded, more.Encoded, value);
        _lead = family.SampleName;
    }

    /// <summary>Writes one histogram: buckets, sum and count.</summary>
    /// <param name="labels">Labels that no other histogram of the family has.</param>
    /// <param name="bounds">Bounds of the buckets: the same for every histogram of the family.</param>
    /// <param name="counts">
    /// Observations in each bucket alone, +Inf last: <see cref="BucketBounds.BucketCount"/> of them. The page has them
    /// accumulated, as both formats demand.
    /// </param>
    /// <param name="sum">Sum of all observations.</param>
    /// <exception cref="ArgumentException">There are more or fewer counts than buckets.</exception>
    /// <exception cref="InvalidOperationException">The family is not a histogram, or there is none.</exception>
    public void Histogram(LabelSet labels, BucketBounds bounds, ReadOnlySpan<ulong> counts, MetricValue sum)
    {
        if (_family is not { Type: MetricType.Histogram } family)
        {
            throw new InvalidOperationException("A histogram needs a family of its type.");
        }

        if (counts.Length != bounds.BucketCount)
        {
            throw new ArgumentException($"{counts.Length} counts for {bounds.BucketCount} buckets.", nameof(counts));
        }

        var upTo = bounds.Labels(_format);
        var cumulative = 0UL;
        for (var i = 0; i < counts.Length; i++)
        {
            cumulative += counts[i];
            WriteLine(_lead, labels.Encoded, upTo[i], cumulative);
            _lead = family.SampleName;
        }

        WriteLine(family.SumName, labels.Encoded, [], sum);
        WriteLine(family.CountName, labels.Encoded, [], cumulative);
    }

    /// <summary>
    /// Says since when the counter or histogram just written has been counting. OpenMetrics alone can say it: in text
    /// this does nothing.
    /// </summary>
    /// <param name="labels">The labels just written.</param>
    /// <param name="created">When it was 0. Written as Unix time in seconds, to the millisecond.</param>
    /// <exception cref="InvalidOperationException">No sample of a counter or histogram was written before.</exception>
    public void Created(LabelSet labels, DateTimeOffset created)
    {
        if (_family is not { Type: MetricType.Counter or MetricType.Histogram } family || _lead != family.SampleName)
        {
            throw new InvalidOperationException("A creation time follows a counter or a histogram.");
        }

        if (_format == ExpositionFormat.OpenMetrics)
        {
            WriteLine(family.CreatedName, labels.Encoded, [], created.ToUnixTimeMilliseconds() / 1000.0);
        }
    }

    /// <summary>Ends the page, which the buffer then holds whole.</summary>
    public void End()
    {
        _family = null;
        if (_format == ExpositionFormat.OpenMetrics)
        {
            var end = "# EOF\n"u8;
            end.CopyTo(buffer.Reserve(end.Length));
            buffer.Advance(end.Length);
        }
    }

    /// <summary>Appends labels to those that began at <paramref name="open"/>.</summary>
    private static void Append(Span<byte> line, ref int at, int open, ReadOnlySpan<byte> labels)
    {
        if (labels.IsEmpty)
        {
            return;
        }

        line[at] = at == open ? (byte)'{' : (byte)',';
        labels.CopyTo(line[(at + 1)..]);
        at += 1 + labels.Length;
    }

    private void WriteLine(byte[] lead, ReadOnlySpan<byte> labels, ReadOnlySpan<byte> more, MetricValue value)
    {
        var line = buffer.Reserve(lead.Length + _common.Encoded.Length + labels.Length + more.Length + Punctuation + MetricValue.MaxLength);
        lead.CopyTo(line);
        var at = lead.Length;
        var open = at;
        Append(line, ref at, open, _common.Encoded);
        Append(line, ref at, open, labels);
        Append(line, ref at, open, more);
        if (at > open)
        {
            line[at++] = (byte)'}';
        }

        line[at++] = (byte)' ';
        at += value.Format(line[at..]);
        line[at++] = (byte)'\n';
        buffer.Advance(at);
    }
}
