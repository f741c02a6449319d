using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Tests.Support;

/// <summary>A source of the host that a test controls.</summary>
internal sealed class FakeHostSource(HostSourceId id) : ISourceOf<HostFacts>
{
    public string Name => id.Name();

    public SourceMethod Method => SourceMethod.Procfs;

    public Func<HostFacts, ReadResult> OnRead { get; set; } = static _ => ReadResult.Ok;

    public int Reads { get; private set; }

    public ReadResult Read(HostFacts sample)
    {
        Reads++;
        return OnRead(sample);
    }

    public void Dispose()
    {
    }
}
