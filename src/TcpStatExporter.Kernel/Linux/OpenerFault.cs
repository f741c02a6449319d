namespace TcpStatExporter.Kernel.Linux;

/// <summary>Why there is no socket of a network namespace.</summary>
public enum OpenerFault
{
    /// <summary>There is one.</summary>
    None,

    /// <summary>The opener cannot be reached: nothing listens there, or it does not let this process in.</summary>
    Unreachable,

    /// <summary>The opener did not answer in time.</summary>
    Silent,

    /// <summary>The opener closed the connection.</summary>
    Closed,

    /// <summary>The answer is not what was asked for.</summary>
    Malformed,

    /// <summary>The process cannot be opened. It may have ended. The opener works.</summary>
    Refused,
}
