using System.Runtime.CompilerServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>Statistics about one source since the start. A value type: a copy has its own counts.</summary>
internal struct SourceStatistics
{
    /// <summary>Number of values of <see cref="SourceError"/>.</summary>
    public const int ErrorKinds = (int)SourceError.Internal + 1;

    // an array: the compiler keeps a span of constants off the heap only in optimised builds
    private static readonly double[] DurationLimits =
        [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

    private ErrorCounts _errors;

    /// <summary>The daemon has this source.</summary>
    public bool Exists;

    /// <summary>How it is read.</summary>
    public SourceMethod Method;

    /// <summary>Duration of each read in seconds, by <see cref="DurationBounds"/>.</summary>
    public Histogram Durations;

    /// <summary>Upper bounds of <see cref="Durations"/>, in seconds.</summary>
    public static ReadOnlySpan<double> DurationBounds => DurationLimits;

    /// <summary>Number of reads that failed or had a problem, for one reason.</summary>
    /// <param name="error">The reason.</param>
    public ulong this[SourceError error]
    {
        readonly get => _errors[(int)error];
        set => _errors[(int)error] = value;
    }

    [InlineArray(ErrorKinds)]
    private struct ErrorCounts
    {
        private ulong _first;
    }
}
