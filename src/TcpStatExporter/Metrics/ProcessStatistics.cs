using TcpStatExporter.Exposition;

namespace TcpStatExporter.Metrics;

internal sealed class ProcessStatistics : IDisposable
{
    private int _written;

    public void Write(ExpositionWriter writer) => _written++;

    public void Dispose() => _written = 0;
}
