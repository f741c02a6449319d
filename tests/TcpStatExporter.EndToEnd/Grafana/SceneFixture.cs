namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>The scene. Created once, when a test first asks for it.</summary>
public sealed class SceneFixture : IDisposable
{
    private Scene? _scene;

    internal Scene Scene => _scene ??= new Scene();

    public void Dispose() => _scene?.Dispose();
}
