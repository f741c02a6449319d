namespace TcpStatExporter.Advisor;

/// <summary>Holds the latest advice. The examiner writes it, readers read it.</summary>
internal sealed class AdviceStore
{
    private volatile Advice _latest = Advice.None;

    /// <summary>The latest advice.</summary>
    public Advice Latest => _latest;

    /// <summary>Publishes advice.</summary>
    /// <param name="advice">The result of the rules.</param>
    public void Publish(Advice advice) => _latest = advice;
}
