namespace TcpStatExporter.Advisor;

/// <summary>Where the examiner leaves its advice and readers take it.</summary>
internal sealed class AdviceStore
{
    private volatile Advice _latest = Advice.None;

    /// <summary>What the rules said last.</summary>
    public Advice Latest => _latest;

    /// <summary>Publishes advice.</summary>
    /// <param name="advice">What the rules said.</param>
    public void Publish(Advice advice) => _latest = advice;
}
