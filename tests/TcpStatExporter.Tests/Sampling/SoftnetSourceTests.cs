using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.Procfs;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class SoftnetSourceTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("softnet").FullName;
    private readonly HostFacts _facts = new();
    private readonly SoftnetSource _source;

    public SoftnetSourceTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "net"));
        _source = new SoftnetSource(_root);
    }

    public void Dispose()
    {
        _source.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void Reads_the_file_and_is_absent_without_it()
    {
        _source.Read(_facts).ShouldBe(ReadResult.Absent);
        _facts.Machine.HasSoftnet.ShouldBeFalse();

        Write("0000000a 0000000b 0000000c\n00000001 00000001 00000001\n");
        _source.Read(_facts).ShouldBe(ReadResult.Ok);
        _facts.Machine.Softnet.ShouldBe(new SoftnetCounts { Processed = 11, Dropped = 12, Squeezed = 13 });
        _facts.Machine.HasSoftnet.ShouldBeTrue();

        Write("garbage\n");
        _source.Read(_facts).ShouldBe(ReadResult.Failed(SourceError.Malformed));
        _facts.Machine.HasSoftnet.ShouldBeFalse();
    }

    private void Write(string text) => File.WriteAllText(Path.Combine(_root, "net/softnet_stat"), text);
}
