using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// The counters of the last minutes, as marks: one per second for the last ten seconds, and fewer for earlier times. In each
/// tick, the rules compare the sample with one of them. Allocates nothing once it is full and the number of listeners is
/// steady.
/// </summary>
internal sealed class Past
{
    /// <summary>Ticks are slightly early or late.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(0.2);

    private readonly Ring[] _rings = [new(TimeSpan.FromSeconds(1), 11), new(TimeSpan.FromSeconds(10), 7), new(TimeSpan.FromMinutes(1), 6)];

    /// <summary>Records the published sample.</summary>
    /// <param name="sample">The sample.</param>
    public void Observe(NamespaceSample sample)
    {
        foreach (var ring in _rings)
        {
            ring.Observe(sample);
        }
    }

    /// <summary>Returns the youngest mark that is at least this old, or the oldest one.</summary>
    /// <param name="now">Monotonic time of the judged sample.</param>
    /// <param name="age">The age.</param>
    /// <returns>Null if there is no mark before <paramref name="now"/>.</returns>
    public Mark? Before(TimeSpan now, TimeSpan age)
    {
        Mark? youngest = null;
        Mark? oldest = null;
        foreach (var ring in _rings)
        {
            foreach (var mark in ring.Marks)
            {
                if (mark.At >= now)
                {
                    continue;
                }

                oldest = oldest is null || mark.At < oldest.At ? mark : oldest;
                youngest = now - mark.At >= age - Tolerance && !(youngest?.At >= mark.At) ? mark : youngest;
            }
        }

        return youngest ?? oldest;
    }

    /// <summary>The last few marks at a constant spacing.</summary>
    private sealed class Ring(TimeSpan spacing, int count)
    {
        private readonly Mark[] _marks = [.. Enumerable.Range(0, count).Select(_ => new Mark())];
        private int _taken;

        public ReadOnlySpan<Mark> Marks => _marks.AsSpan(0, Math.Min(_taken, _marks.Length));

        public void Observe(NamespaceSample sample)
        {
            if (_taken > 0 && sample.SampledAt - _marks[(_taken - 1) % _marks.Length].At < spacing - Tolerance)
            {
                return;
            }

            _marks[_taken % _marks.Length].Take(sample);
            _taken++;
        }
    }
}
