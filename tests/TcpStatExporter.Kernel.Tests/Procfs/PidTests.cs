using System.Text;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Procfs;

public sealed class PidTests
{
    private const string Columns = " R 21722 21722 4133 0 -1 4194304 100 0 0 0 12 34 0 0 20 0 7 0 899000 3133440 374 18446744073709551615 1 2\n";

    [Theory]
    [InlineData("21726 (cat)")]
    [InlineData("1 (a) b) (c)")]
    [InlineData("1 (\n)")]
    [InlineData("1 ()")]
    public void Reads_stat_with_any_process_name(string start)
    {
        var usage = new ProcessUsage { OpenFiles = 5 };
        PidStat.Parse(Encoding.ASCII.GetBytes(start + Columns), ref usage).IsNone.ShouldBeTrue();
        usage.ShouldBe(new ProcessUsage
        {
            UserTicks = 12,
            SystemTicks = 34,
            Threads = 7,
            StartTicks = 899000,
            VirtualBytes = 3133440,
            ResidentPages = 374,
            OpenFiles = 5,
        });
    }

    [Theory]
    [InlineData("", SourceError.Empty)]
    [InlineData("1 (cat) R 1 2", SourceError.Truncated)]
    [InlineData("1 (cat) R 1 2\n", SourceError.Malformed)]
    [InlineData("1 cat R 1 2\n", SourceError.Malformed)]
    [InlineData("1 (cat) R 1 1 1 0 -1 4 1 0 0 0 -12 34 0 0 20 0 7 0 8 3 4 5\n", SourceError.NumberOutOfRange)]
    [InlineData("1 (cat) R 1 1 1 0 -1 4 1 0 0 0 12 x 0 0 20 0 7 0 8 3 4 5\n", SourceError.Malformed)]
    public void Rejects_a_broken_stat(string text, SourceError expected)
    {
        var usage = new ProcessUsage { Threads = 3 };
        PidStat.Parse(Encoding.ASCII.GetBytes(text), ref usage).Kind.ShouldBe(expected);
        usage.ShouldBe(new ProcessUsage { Threads = 3 });
    }

    [Theory]
    [InlineData("Limit\nMax open files            20000                30000                files     \n", 20000ul, SourceError.None)]
    [InlineData("Max open files            unlimited            unlimited            files     \n", ulong.MaxValue, SourceError.None)]
    [InlineData("", 0ul, SourceError.Empty)]
    [InlineData("Limit\n", 0ul, SourceError.Malformed)]
    [InlineData("Max open files \n", 0ul, SourceError.Malformed)]
    [InlineData("Max open files            20000", 0ul, SourceError.Truncated)]
    [InlineData("Max open files            -1\n", 0ul, SourceError.NumberOutOfRange)]
    public void Reads_the_limit_of_open_files(string text, ulong expected, SourceError error)
    {
        PidLimits.ParseOpenFiles(Encoding.ASCII.GetBytes(text), out var limit).Kind.ShouldBe(error);
        limit.ShouldBe(expected);
    }
}
