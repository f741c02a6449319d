using Xunit;

namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>The tests that use the scene.</summary>
[CollectionDefinition(Name)]
public sealed class SceneDefinition : ICollectionFixture<SceneFixture>
{
    public const string Name = "Scene";
}
