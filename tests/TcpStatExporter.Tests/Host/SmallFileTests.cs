using Shouldly;
using TcpStatExporter.Host;
using TcpStatExporter.Kernel.Linux;
using Xunit;

namespace TcpStatExporter.Tests.Host;

public sealed class SmallFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-file-");

    private string PathOfFile => Path.Combine(_folder.FullName, "file");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Reads_a_file_or_says_why_it_cannot()
    {
        SmallFile.TryRead(PathOfFile, out _, out var reason).ShouldBeFalse();
        reason.ShouldBe("the file does not exist");
        SmallFile.TryRead(Path.Combine(PathOfFile, "below"), out _, out reason).ShouldBeFalse();
        reason.ShouldBe("the directory does not exist");
        SmallFile.TryRead(_folder.FullName, out _, out reason).ShouldBeFalse();
        reason.ShouldBe("it is not a regular file");
        SmallFile.TryRead("/dev/zero", out _, out reason).ShouldBeFalse();
        reason.ShouldBe("it is not a regular file");

        File.WriteAllBytes(PathOfFile, new byte[SmallFile.MaxSize]);
        SmallFile.TryRead(PathOfFile, out var content, out reason).ShouldBeTrue();
        (content.Length, reason).ShouldBe((SmallFile.MaxSize, ""));
        File.WriteAllBytes(PathOfFile, new byte[SmallFile.MaxSize + 1]);
        SmallFile.TryRead(PathOfFile, out content, out reason).ShouldBeFalse();
        (content.Length, reason).ShouldBe((0, "it is larger than 1 MiB"));
    }

    [Fact]
    public void A_stamp_detects_changed_content()
    {
        var seen = new List<FileStamp> { FileStamp.Of(PathOfFile) };
        seen[0].ShouldBe(default);

        Change(() => File.WriteAllText(PathOfFile, "a"));
        FileStamp.Of(PathOfFile).IsRegularFile.ShouldBeTrue();
        FileStamp.Of(PathOfFile).Size.ShouldBe(1ul);
        FileStamp.Of(PathOfFile).ShouldBe(seen[^1]);
        Change(() => File.WriteAllText(PathOfFile, "b"));
        Change(() =>
        {
            File.WriteAllText(PathOfFile + "2", "b");
            File.SetLastWriteTimeUtc(PathOfFile + "2", File.GetLastWriteTimeUtc(PathOfFile));
            File.Move(PathOfFile + "2", PathOfFile, overwrite: true);
        });
        Change(() => File.SetUnixFileMode(PathOfFile, UnixFileMode.UserRead));
        File.WriteAllText(PathOfFile + "3", "b");
        Change(() =>
        {
            File.Delete(PathOfFile);
            File.CreateSymbolicLink(PathOfFile, PathOfFile + "3");
        });
        Change(() => File.AppendAllText(PathOfFile + "3", "more"));
        File.Delete(PathOfFile);
        FileStamp.Of(PathOfFile).ShouldBe(default);

        void Change(Action change)
        {
            // file times advance with the kernel's tick, at most every 10 ms
            Thread.Sleep(20);
            change();
            var stamp = FileStamp.Of(PathOfFile);
            seen.ShouldNotContain(stamp);
            seen.Add(stamp);
        }
    }
}
