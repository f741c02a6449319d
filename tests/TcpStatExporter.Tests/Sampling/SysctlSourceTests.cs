using Microsoft.Extensions.Logging;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling.Procfs;
using TcpStatExporter.Sampling.Sources;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class SysctlSourceTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sysctl").FullName;
    private readonly RecordingLogger<SourceFactory> _log = new();
    private readonly TcpSnapshot _snapshot = new();
    private readonly SysctlSource _source;

    public SysctlSourceTests()
    {
        _source = new SysctlSource(NetNamespace.OfProcfs(_root), new ProcFileBuffer(), _log);
        Write(Sysctl.Somaxconn, "4096\n");
        Write(Sysctl.IpLocalReservedPorts, "40000-40009\n");
    }

    public void Dispose()
    {
        _source.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void A_parameter_that_cannot_be_read_is_absent_and_logged_once_until_it_is_back()
    {
        _source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _snapshot.Sysctls.ReservedPorts.Count.ShouldBe(10);

        Write(Sysctl.IpLocalReservedPorts, "40000-\n");
        for (var i = 0; i < 3; i++)
        {
            _source.Read(_snapshot).Status.ShouldBe(SourceStatus.Ok);
        }

        _snapshot.Sysctls[Sysctl.Somaxconn].First.ShouldBe(4096);
        _snapshot.Sysctls[Sysctl.IpLocalReservedPorts].Count.ShouldBe(0);
        _snapshot.Sysctls.ReservedPorts.Count.ShouldBe(0, "what it was before is not what it is");
        var (level, message, _) = _log.Entries.ShouldHaveSingleItem();
        level.ShouldBe(LogLevel.Warning);
        message.ShouldStartWith($"{PathOf(Sysctl.IpLocalReservedPorts)} cannot be read: ");

        Write(Sysctl.IpLocalReservedPorts, "\n");
        _source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _log.Entries.Count.ShouldBe(2);
        _log.Entries[1].Message.ShouldBe($"{PathOf(Sysctl.IpLocalReservedPorts)} can be read again.");
    }

    [Fact]
    public void A_missing_parameter_is_not_a_problem()
    {
        _source.Read(_snapshot);
        File.Delete(PathOf(Sysctl.IpLocalReservedPorts));
        _source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _snapshot.Sysctls.ReservedPorts.Count.ShouldBe(0);
        _log.Entries.ShouldBeEmpty();
    }

    private string PathOf(Sysctl sysctl) => Path.Combine(_root, "sys", sysctl.Path());

    private void Write(Sysctl sysctl, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(sysctl))!);
        File.WriteAllText(PathOf(sysctl), text);
    }
}
