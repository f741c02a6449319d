namespace TcpStatExporter.Kernel.Model;

/// <summary>Why a source could not be read. Each is a value of the label <c>reason</c> of <c>tcpstat_source_errors_total</c>.</summary>
public enum SourceError : byte
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>The file is not there (ENOENT, ENOTDIR, ESRCH).</summary>
    NotFound,

    /// <summary>The kernel refused (EACCES, EPERM).</summary>
    PermissionDenied,

    /// <summary>The read failed (EIO, and any error that has no name here).</summary>
    Io,

    /// <summary>More bytes than such a file can have.</summary>
    TooLarge,

    /// <summary>No bytes at all.</summary>
    Empty,

    /// <summary>The text or message ended in the middle.</summary>
    Truncated,

    /// <summary>Bytes that do not have the form that the kernel prints.</summary>
    Malformed,

    /// <summary>A number that is negative where none can be, or too large.</summary>
    NumberOutOfRange,

    /// <summary>A header line and its value line do not have the same number of columns.</summary>
    HeaderMismatch,

    /// <summary>The kernel did not answer in time.</summary>
    Timeout,

    /// <summary>The kernel ran out of receive buffer (ENOBUFS).</summary>
    NoBuffers,

    /// <summary>A dump changed under the reader again and again (NLM_F_DUMP_INTR).</summary>
    Interrupted,

    /// <summary>The kernel does not know the request (EOPNOTSUPP, ENOENT for sock_diag without its module).</summary>
    Unsupported,

    /// <summary>The source itself threw: a bug.</summary>
    Internal,

    /// <summary>It was read, but too long ago to speak of now. No read failed, so no counter counts it.</summary>
    Stale,
}
