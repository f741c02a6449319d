namespace TcpStatExporter.Testing.Lab;

/// <summary>How an <see cref="OpenerDouble"/> answers.</summary>
internal enum OpenerAnswer
{
    /// <summary>With a socket of the process's namespace.</summary>
    Honest,

    /// <summary>Not at all.</summary>
    Silence,

    /// <summary>By closing the connection.</summary>
    HangUp,

    /// <summary>EPERM.</summary>
    Refusal,

    /// <summary>Success, but nothing is handed over.</summary>
    NoDescriptor,

    /// <summary>With two sockets.</summary>
    TwoDescriptors,

    /// <summary>With an open file.</summary>
    OtherDescriptor,

    /// <summary>With a socket of its own namespace.</summary>
    OwnNamespace,

    /// <summary>With a socket of the namespace of the first process that was asked for.</summary>
    SameNamespace,

    /// <summary>With a message that is too long.</summary>
    TooLong,
}
