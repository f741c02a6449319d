using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Tests.Support;

/// <summary>A source that a test controls.</summary>
internal sealed class FakeSource(SourceId id, Func<TcpSnapshot, ReadResult>? read = null) : ISource
{
    public SourceId Id => id;

    public SourceMethod Method { get; init; }

    public Func<TcpSnapshot, ReadResult> OnRead { get; set; } = read ?? (static _ => ReadResult.Ok);

    public int Reads { get; private set; }

    public bool IsDisposed { get; private set; }

    public ReadResult Read(TcpSnapshot snapshot)
    {
        Reads++;
        return OnRead(snapshot);
    }

    public void Dispose() => IsDisposed = true;
}
