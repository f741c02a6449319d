namespace TcpStatExporter.Sampling;

/// <summary>A source that the command line insists on cannot be had on this host.</summary>
internal sealed class SourceRefusedException : Exception
{
    /// <summary>It cannot be had on any host: the flags do not fit each other.</summary>
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
