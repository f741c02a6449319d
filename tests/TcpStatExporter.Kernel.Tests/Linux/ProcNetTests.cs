using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Tests.Netlink;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Linux;

public sealed class ProcNetTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("net", "net")]
    [InlineData("net self/net", "net")]
    [InlineData("self/net", "self/net")]
    [InlineData("self", "net")]
    [InlineData("", "net")]
    public void The_directory_of_the_own_process_is_used_if_there_is_no_other(string there, string expected)
    {
        foreach (var folder in there.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Directory.CreateDirectory(_root.PathOf(folder));
        }

        ProcNet.Folder(_root.PathOf("")).ShouldBe(_root.PathOf(expected));
    }

    [Fact]
    public void The_process_sees_its_own_namespace()
    {
        ProcNet.Folder("/proc").ShouldBe("/proc/net");
        ProcNet.IsOfCallingThread("/proc/net").ShouldBeTrue();
        ProcNet.IsOfCallingThread($"/proc/{Environment.ProcessId}/net").ShouldBeTrue();
        ProcNet.IsOfCallingThread("/proc/no-such-process/net").ShouldBeFalse();
        File.Copy("/proc/net/tcp", _root.PathOf("tcp"));
        ProcNet.IsOfCallingThread(_root.PathOf("")).ShouldBeFalse("a copy is nobody's");
    }

    /// <summary>/proc/net belongs to the first thread, whoever opens it.</summary>
    [Fact]
    public void A_thread_in_another_namespace_is_distinguished_from_its_process() => Namespace.Run(_ =>
    {
        ProcNet.IsOfCallingThread("/proc/thread-self/net").ShouldBeTrue();
        ProcNet.IsOfCallingThread("/proc/net").ShouldBeFalse();
        ProcNet.IsOfCallingThread($"/proc/{Environment.ProcessId}/net").ShouldBeFalse();
    });
}
