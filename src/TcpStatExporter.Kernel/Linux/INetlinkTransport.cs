namespace TcpStatExporter.Kernel.Linux;

/// <summary>The system calls that <see cref="NetlinkSocket"/> makes, so that a test can stand in for a kernel that misbehaves.</summary>
internal interface INetlinkTransport : IDisposable
{
    /// <summary>Port that the kernel gave the socket.</summary>
    uint PortId { get; }

    /// <summary>Sends one message to the kernel.</summary>
    /// <returns>0, or an errno.</returns>
    int Send(ReadOnlySpan<byte> message);

    /// <summary>Takes one datagram if there is one.</summary>
    /// <param name="buffer">Where to put it.</param>
    /// <param name="length">Its length, which exceeds the buffer's if it was cut.</param>
    /// <param name="sender">Port of who sent it; 0 is the kernel.</param>
    /// <returns>0, or an errno; EAGAIN if there is none.</returns>
    int Receive(Span<byte> buffer, out int length, out uint sender);

    /// <summary>Waits until there is a datagram, a signal, or the time is up.</summary>
    /// <param name="timeout">How long at most.</param>
    void Wait(TimeSpan timeout);
}
