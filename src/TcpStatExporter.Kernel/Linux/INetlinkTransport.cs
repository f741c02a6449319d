namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// The system calls that <see cref="NetlinkSocket"/> makes. Tests replace them to simulate a kernel that misbehaves.
/// </summary>
internal interface INetlinkTransport : IDisposable
{
    /// <summary>The port that the kernel assigned to the socket.</summary>
    uint PortId { get; }

    /// <summary>Sends one message to the kernel.</summary>
    /// <returns>0, or an errno.</returns>
    int Send(ReadOnlySpan<byte> message);

    /// <summary>Receives one datagram, if there is one.</summary>
    /// <param name="buffer">Receives the datagram.</param>
    /// <param name="length">Length of the datagram. Larger than the buffer if the datagram was truncated.</param>
    /// <param name="sender">Port of the sender. 0 is the kernel.</param>
    /// <returns>0, or an errno; EAGAIN if there is none.</returns>
    int Receive(Span<byte> buffer, out int length, out uint sender);

    /// <summary>Waits until a datagram arrives, a signal arrives, or the time is up.</summary>
    /// <param name="timeout">Maximum time to wait.</param>
    void Wait(TimeSpan timeout);
}
