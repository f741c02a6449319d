namespace TcpStatExporter.Sampling;

/// <summary>A source that the command line insists on cannot be had on this host.</summary>
internal sealed class SourceRefusedException : Exception
{
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
