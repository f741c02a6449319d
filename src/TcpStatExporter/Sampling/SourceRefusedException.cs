namespace TcpStatExporter.Sampling;

/// <summary>A source that the command line requires is not available on this host.</summary>
internal sealed class SourceRefusedException : Exception
{
    /// <summary>It is not available on any host, because the flags contradict each other.</summary>
    public bool IsUsageError { get; init; }

    public SourceRefusedException(string message)
        : base(message)
    {
    }

    public SourceRefusedException()
    {
    }

    public SourceRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
