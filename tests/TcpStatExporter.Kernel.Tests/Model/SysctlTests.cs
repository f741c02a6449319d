using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Testing.Lab;
using Xunit;
using LabNamespace = TcpStatExporter.Testing.Lab.NetNamespace;

namespace TcpStatExporter.Kernel.Tests.Model;

public sealed class SysctlTests
{
    public static TheoryData<Sysctl> All => [.. SysctlExtensions.All];

    /// <summary>The table of paths is in the order of the enum, and the paths exist on a kernel.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Has_the_kernels_path(Sysctl sysctl)
    {
        sysctl.Path().Split('/')[^1].Replace("_", string.Empty, StringComparison.Ordinal)
            .ShouldBe(sysctl.ToString(), StringCompareShould.IgnoreCase);
        var host = sysctl.Path().StartsWith("net/netfilter/", StringComparison.Ordinal) ? Fixture.FullConntrack : Fixture.TenStates;
        File.Exists(Fixture.Path($"{host}/proc/sys/{sysctl.Path()}"))
            .ShouldBe(sysctl is not (Sysctl.TcpTwRecycle or Sysctl.TcpTimestamps), "gone since Linux 4.12; not yet read when this host was captured");
    }

    [Fact]
    public void What_is_of_the_whole_host_cannot_be_set_in_another_namespace()
    {
        Requires.RootAndIp();
        using var ns = LabNamespace.Create();
        var here = SysctlExtensions.All.Where(sysctl => File.Exists(FileOf(sysctl))).ToArray();
        var settable = ns.Run(() => Array.FindAll(here, sysctl => File.Exists(FileOf(sysctl)) && File.GetUnixFileMode(FileOf(sysctl)).HasFlag(UnixFileMode.UserWrite)));
        settable.ShouldBe(here.Where(sysctl => !sysctl.IsHostWide()));
        here.Length.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void A_table_is_copied_completely()
    {
        var table = new SysctlTable();
        table[Sysctl.TcpMem] = new SysctlValue { Count = 3, First = 1, Second = 2, Third = 3 };
        table.ReservedPorts.Add(8080);
        var copy = new SysctlTable();
        table.CopyTo(copy);
        table[Sysctl.TcpMem] = default;
        copy[Sysctl.TcpMem][2].ShouldBe(3);
        copy.ReservedPorts.Contains(8080).ShouldBeTrue();
        Should.Throw<ArgumentOutOfRangeException>(() => copy[Sysctl.TcpMem][3]);
    }

    private static string FileOf(Sysctl sysctl) => $"/proc/sys/{sysctl.Path()}";
}
