using System.Reflection;
using System.Xml.Linq;
using Shouldly;
using TcpStatExporter.Commands;
using TcpStatExporter.Exposition;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Tests.Architecture;

/// <summary>The arrows between the rooms: Kernel and Exposition are leaves and never meet; only the daemon knows both.</summary>
public sealed class DependencyTests
{
    private static readonly string[] Ours = ["TcpStatExporter.Kernel", "TcpStatExporter.Exposition", "tcpstat-exporter"];

    private static readonly Assembly Kernel = typeof(TcpSnapshot).Assembly;
    private static readonly Assembly Exposition = typeof(ExpositionWriter).Assembly;
    private static readonly Assembly Daemon = typeof(CommandLine).Assembly;

    public static TheoryData<string> Leaves => ["TcpStatExporter.Kernel", "TcpStatExporter.Exposition"];

    [Theory]
    [MemberData(nameof(Leaves))]
    public void A_leaf_references_the_framework_alone(string leaf) =>
        Referenced(leaf == "TcpStatExporter.Kernel" ? Kernel : Exposition)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && name is not ("System" or "netstandard" or "mscorlib"))
            .ShouldBeEmpty();

    [Fact]
    public void The_daemon_knows_both() =>
        Referenced(Daemon).Intersect(Ours, StringComparer.Ordinal).ShouldBe(["TcpStatExporter.Exposition", "TcpStatExporter.Kernel"], ignoreOrder: true);

    /// <summary>A reference that no code uses yet is in no assembly, but would stand in the project file.</summary>
    [Theory]
    [MemberData(nameof(Leaves))]
    public void The_project_of_a_leaf_has_no_reference(string leaf)
    {
        var project = XDocument.Load(Path.Combine(Source(), leaf, $"{leaf}.csproj"));
        project.Descendants().Where(element => element.Name.LocalName is "ProjectReference" or "PackageReference" or "FrameworkReference" or "Reference").ShouldBeEmpty();
    }

    private static string Source()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "TcpStatExporter.sln")))
            {
                return Path.Combine(folder, "src");
            }
        }

        throw new DirectoryNotFoundException("The tests run outside the repository.");
    }

    private static IEnumerable<string> Referenced(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);
}
