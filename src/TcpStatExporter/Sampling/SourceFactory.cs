namespace TcpStatExporter.Sampling;

internal sealed class SourceFactory
{
    private readonly ISource[] _none = [];

    public IEnumerable<ISource> CreateTickSources() => _none;

    public ISource CreateSweepSource(SweepTally tally) => _none[0];
}
