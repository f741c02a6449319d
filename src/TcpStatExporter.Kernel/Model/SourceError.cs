namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// Why a source could not be read. Each one is a value of the label <c>reason</c> of <c>tcpstat_source_errors_total</c>.
/// </summary>
public enum SourceError : byte
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>The file does not exist (ENOENT, ENOTDIR, ESRCH).</summary>
    NotFound,

    /// <summary>The kernel refused (EACCES, EPERM).</summary>
    PermissionDenied,

    /// <summary>The read failed (EIO, and any error without a value of its own here).</summary>
    Io,

    /// <summary>More bytes than such a file can have.</summary>
    TooLarge,

    /// <summary>No bytes at all.</summary>
    Empty,

    /// <summary>The text or message ended in the middle.</summary>
    Truncated,

    /// <summary>The bytes do not have the format that the kernel prints.</summary>
    Malformed,

    /// <summary>A number is too large, or negative although it cannot be.</summary>
    NumberOutOfRange,

    /// <summary>A header line and its value line have different numbers of columns.</summary>
    HeaderMismatch,

    /// <summary>The kernel did not answer in time.</summary>
    Timeout,

    /// <summary>The kernel ran out of receive buffer space (ENOBUFS).</summary>
    NoBuffers,

    /// <summary>The table changed during the dump, several times in a row (NLM_F_DUMP_INTR).</summary>
    Interrupted,

    /// <summary>The kernel does not support the request (EOPNOTSUPP; ENOENT for sock_diag without its module).</summary>
    Unsupported,

    /// <summary>The source threw an exception: a bug.</summary>
    Internal,

    /// <summary>It was read too long ago to be reported as current. No read failed, so no counter counts it.</summary>
    Stale,
}
