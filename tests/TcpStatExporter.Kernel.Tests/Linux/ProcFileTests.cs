using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Tests.Netlink;
using Xunit;
using Xunit.Sdk;

namespace TcpStatExporter.Kernel.Tests.Linux;

[SupportedOSPlatform("linux")]
public sealed class ProcFileTests
{
    private readonly ProcFileBuffer _buffer = new();

    [Theory]
    [InlineData(1)]
    [InlineData(16 * 1024 - 1)]
    [InlineData(16 * 1024)]
    [InlineData(16 * 1024 + 1)]
    [InlineData(700_000)]
    public void Reads_a_whole_file_of_any_size(int size)
    {
        using var folder = new TemporaryFolder();
        var content = new byte[size];
        new Random(size).NextBytes(content);
        using var file = new ProcFile(folder.Write("file", content));
        file.Read(_buffer).ShouldBe(ReadResult.Ok);
        _buffer.Content.SequenceEqual(content).ShouldBeTrue();
    }

    /// <summary>Longer than the initial buffer: the kernel cuts a list of reserved ports to the requested length.</summary>
    [Fact]
    public void Reads_a_long_kernel_parameter_whole() => Namespace.Run(_ =>
    {
        const string path = "/proc/sys/net/ipv4/ip_local_reserved_ports";
        var list = string.Join(',', Enumerable.Range(5000, 5000).Select(port => port * 2));
        File.WriteAllBytes(path, Encoding.ASCII.GetBytes(list));
        using var file = new ProcFile(path);
        for (var i = 0; i < 2; i++)
        {
            file.Read(_buffer).ShouldBe(ReadResult.Ok);
            Encoding.ASCII.GetString(_buffer.Content).ShouldBe(list + "\n");
        }
    });

    /// <summary>
    /// The kernel returns one page per read, as for softnet_stat. That file exceeds a page only on hosts with many
    /// processors.
    /// </summary>
    [Fact]
    public void Reads_a_file_that_the_kernel_prints_row_by_row_to_its_end()
    {
        const string path = "/proc/self/smaps";
        using var whole = new ProcFile(path, isIterated: true);
        for (var i = 0; i < 2; i++)
        {
            whole.Read(_buffer).ShouldBe(ReadResult.Ok);
            _buffer.Content.Length.ShouldBeGreaterThan(4 * Environment.SystemPageSize);
            Encoding.ASCII.GetString(_buffer.Content[^200..]).ShouldContain("VmFlags:");
        }

        using var piece = new ProcFile(path);
        piece.Read(_buffer).ShouldBe(ReadResult.Ok);
        _buffer.Content.Length.ShouldBeLessThanOrEqualTo(Environment.SystemPageSize, "or this file is no example");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData(700_000)]
    public void A_file_outside_procfs_is_also_read_to_its_end(int size)
    {
        using var folder = new TemporaryFolder();
        var content = new byte[size];
        new Random(size).NextBytes(content);
        using var file = new ProcFile(folder.Write("file", content), isIterated: true);
        file.Read(_buffer).ShouldBe(ReadResult.Ok);
        _buffer.Content.SequenceEqual(content).ShouldBeTrue();
        new ProcFile(folder.Write("empty", []), isIterated: true).Read(_buffer).ShouldBe(ReadResult.Failed(SourceError.Empty));
    }

    [Fact]
    public void Keeps_descriptors_open_only_on_procfs()
    {
        using var folder = new TemporaryFolder();
        var elsewhere = folder.Write("file", "content"u8);
        using (var kept = new ProcFile("/proc/self/net/protocols"))
        using (var reopened = new ProcFile(elsewhere))
        {
            for (var i = 0; i < 3; i++)
            {
                kept.Read(_buffer).ShouldBe(ReadResult.Ok);
                reopened.Read(_buffer).ShouldBe(ReadResult.Ok);
                OpenDescriptors(path => path.EndsWith("/net/protocols", StringComparison.Ordinal)).ShouldBe(1);
                OpenDescriptors(path => path == elsewhere).ShouldBe(0);
            }
        }

        OpenDescriptors(path => path.EndsWith("/net/protocols", StringComparison.Ordinal)).ShouldBe(0);
    }

    [Fact]
    public void Reads_an_open_file_again_each_time()
    {
        using var file = new ProcFile("/proc/self/stat");
        file.Read(_buffer).ShouldBe(ReadResult.Ok);
        var before = _buffer.Content.ToArray();
        var until = Environment.CpuUsage.TotalTime + TimeSpan.FromMilliseconds(30);
        while (Environment.CpuUsage.TotalTime < until)
        {
        }

        file.Read(_buffer).ShouldBe(ReadResult.Ok);
        _buffer.Content.SequenceEqual(before).ShouldBeFalse();
    }

    [Fact]
    public void A_file_that_vanishes_comes_back()
    {
        using var folder = new TemporaryFolder();
        using var file = new ProcFile(folder.PathOf("file"));
        for (var i = 0; i < 2; i++)
        {
            file.Read(_buffer).ShouldBe(ReadResult.Failed(SourceError.NotFound));
            _buffer.Content.Length.ShouldBe(0);
            folder.Write("file", "content"u8);
            file.Read(_buffer).ShouldBe(ReadResult.Ok);
            _buffer.Content.SequenceEqual("content"u8).ShouldBeTrue();
            File.Delete(file.Path);
        }
    }

    [Fact]
    public void A_file_that_is_replaced_is_seen()
    {
        using var folder = new TemporaryFolder();
        using var file = new ProcFile(folder.Write("file", "old"u8));
        file.Read(_buffer).ShouldBe(ReadResult.Ok);
        File.Move(folder.Write("other", "new"u8), file.Path, overwrite: true);
        file.Read(_buffer).ShouldBe(ReadResult.Ok);
        _buffer.Content.SequenceEqual("new"u8).ShouldBeTrue();
    }

    /// <summary>ESRCH from a descriptor that was kept open, then ENOENT from the path.</summary>
    [Fact]
    public void A_process_that_ends_is_not_found()
    {
        using var process = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        using var file = new ProcFile($"/proc/{process.Id}/stat");
        file.Read(_buffer).ShouldBe(ReadResult.Ok);
        process.Kill();
        process.WaitForExit();
        file.Read(_buffer).ShouldBe(ReadResult.Failed(SourceError.NotFound));
        file.Read(_buffer).ShouldBe(ReadResult.Failed(SourceError.NotFound));
    }

    [Theory]
    [InlineData("/proc/self/no-such-file", SourceError.NotFound)]
    [InlineData("/proc/self/stat/below", SourceError.NotFound)]
    [InlineData("/proc/self/mem", SourceError.Io)]
    [InlineData("/proc/self", SourceError.Io)]
    [InlineData("/dev/null", SourceError.Empty)]
    [InlineData("/dev/zero", SourceError.TooLarge)]
    public void Names_what_went_wrong(string path, SourceError expected)
    {
        using var file = new ProcFile(path);
        for (var i = 0; i < 2; i++)
        {
            file.Read(_buffer).ShouldBe(ReadResult.Failed(expected));
            _buffer.Content.Length.ShouldBe(0);
        }
    }

    /// <summary>Root may read everything, so the thread drops its privileges first.</summary>
    [Fact]
    public void Names_a_refusal()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("file", "secret"u8);
        File.SetUnixFileMode(path, UnixFileMode.None);
        var result = ReadResult.Ok;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (Environment.IsPrivilegedProcess)
                {
                    Namespace.BecomeNobody();
                }

                using var file = new ProcFile(path);
                result = file.Read(_buffer);
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is SkipException skip)
        {
            throw skip;
        }

        failure.ShouldBeNull();
        result.ShouldBe(ReadResult.Failed(SourceError.PermissionDenied));
    }

    [Fact]
    public void A_huge_file_is_refused_without_much_memory()
    {
        using var folder = new TemporaryFolder();
        using var file = new ProcFile(folder.PathOf("netstat"));
        using (var stream = File.Create(file.Path))
        {
            stream.SetLength(200_000_000);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        file.Read(_buffer).ShouldBe(ReadResult.Failed(SourceError.TooLarge));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(3_000_000);
    }

    [Fact]
    public void Refuses_to_read_after_it_is_disposed()
    {
        var file = new ProcFile("/proc/self/stat");
        file.Dispose();
        file.Dispose();
        Should.Throw<ObjectDisposedException>(() => file.Read(_buffer));
    }

    private static int OpenDescriptors(Func<string, bool> isIt) => Directory.EnumerateFiles("/proc/self/fd")
        .Count(descriptor => new FileInfo(descriptor).LinkTarget is { } target && isIt(target));
}
