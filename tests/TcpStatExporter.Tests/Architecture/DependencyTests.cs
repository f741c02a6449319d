using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Tests.Architecture;

/// <summary>Dependencies between layers: Kernel references nothing, and only one layer uses prometheus-net.</summary>
public sealed partial class DependencyTests
{
    private static readonly Assembly Kernel = typeof(TcpSnapshot).Assembly;

    [Fact]
    public void Kernel_references_only_the_framework() =>
        Kernel.GetReferencedAssemblies().Select(name => name.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && name is not ("System" or "netstandard" or "mscorlib"))
            .ShouldBeEmpty();

    /// <summary>A reference that no code uses yet is not in the assembly, but it is in the project file.</summary>
    [Fact]
    public void The_project_of_Kernel_has_no_reference()
    {
        var project = XDocument.Load(Path.Combine(Source(), "TcpStatExporter.Kernel", "TcpStatExporter.Kernel.csproj"));
        project.Descendants().Where(element => element.Name.LocalName is "ProjectReference" or "PackageReference" or "FrameworkReference" or "Reference").ShouldBeEmpty();
    }

    /// <summary>So it can be replaced there.</summary>
    [Fact]
    public void Only_Metrics_uses_prometheus_net()
    {
        var rooms = Directory.EnumerateFiles(Path.Combine(Source(), "TcpStatExporter"), "*.cs", SearchOption.AllDirectories)
            .Where(file => PrometheusNet().IsMatch(File.ReadAllText(file)))
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file)))
            .Distinct(StringComparer.Ordinal);
        rooms.ShouldBe(["Metrics"]);
    }

    /// <summary>What people read must not depend on the metrics page.</summary>
    [Theory]
    [InlineData("View")]
    [InlineData("Advisor")]
    [InlineData("Sampling")]
    [InlineData("Counters")]
    public void Layers_below_do_not_use_Metrics(string room) =>
        Directory.EnumerateFiles(Path.Combine(Source(), "TcpStatExporter", room), "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("TcpStatExporter.Metrics", StringComparison.Ordinal))
            .ShouldBeEmpty();

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

    [GeneratedRegex(@"^using (\w+ = )?Prometheus|\bPrometheus\.[A-Z]\w+\.?[(;]", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex PrometheusNet();
}
