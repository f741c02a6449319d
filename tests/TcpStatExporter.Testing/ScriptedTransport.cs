using System.Runtime.InteropServices;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Testing;

/// <summary>A kernel that follows a script. Its clock moves only when something waits and when the script says so.</summary>
internal sealed class ScriptedTransport : TimeProvider, INetlinkTransport
{
    private readonly Queue<Step> _steps = new();
    private long _now;

    public uint PortId => Recorded.PortId;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Number of answers left.</summary>
    public int Left => _steps.Count;

    /// <summary>Sequence numbers of the requests so far.</summary>
    public List<uint> Requests { get; } = [];

    /// <summary>The states that each of them asked for, if it was for TCP or UDP.</summary>
    public List<TcpStateSet> States { get; } = [];

    /// <summary>Errnos for the next sends.</summary>
    public Queue<int> SendErrors { get; } = new();

    /// <summary>Called with each request.</summary>
    public Action? Sent { get; set; }

    /// <summary>The next receive returns this datagram.</summary>
    public ScriptedTransport Datagram(params byte[][] messages)
    {
        _steps.Enqueue(new Step([.. messages.SelectMany(m => m)], 0, 0, TimeSpan.Zero));
        return this;
    }

    /// <summary>The next receive fails.</summary>
    public ScriptedTransport Fails(int errno)
    {
        _steps.Enqueue(new Step([], errno, 0, TimeSpan.Zero));
        return this;
    }

    /// <summary>The next receive returns a truncated datagram of this length.</summary>
    public ScriptedTransport Oversized(int length)
    {
        _steps.Enqueue(new Step(new byte[length], 0, 0, TimeSpan.Zero));
        return this;
    }

    /// <summary>The next receive returns a datagram sent by another process.</summary>
    public ScriptedTransport Forged(params byte[][] messages)
    {
        _steps.Enqueue(new Step([.. messages.SelectMany(m => m)], 0, 4711, TimeSpan.Zero));
        return this;
    }

    /// <summary>The next receive takes this long.</summary>
    public ScriptedTransport Slow(TimeSpan time, params byte[][] messages)
    {
        _steps.Enqueue(new Step([.. messages.SelectMany(m => m)], 0, 0, time));
        return this;
    }

    public override long GetTimestamp() => _now;

    public int Send(ReadOnlySpan<byte> message)
    {
        if (SendErrors.TryDequeue(out var errno))
        {
            return errno;
        }

        for (var rest = message; rest.Length >= NlMsgHdr.Size; rest = rest[Math.Min(rest.Length, (int)BitConverter.ToUInt32(rest))..])
        {
            Requests.Add(BitConverter.ToUInt32(rest[8..]));
        }

        Sent?.Invoke();
        if (message.Length == UnixDiagRequest.Size)
        {
            return 0;
        }

        (message.Length % InetDiagRequest.Size).ShouldBe(0);
        States.Add((TcpStateSet)BitConverter.ToUInt32(message[(NlMsgHdr.Size + (int)Marshal.OffsetOf<InetDiagReq>(nameof(InetDiagReq.States)))..]));
        return 0;
    }

    public int Receive(Span<byte> buffer, out int length, out uint sender)
    {
        length = -1;
        sender = 0;
        if (!_steps.TryDequeue(out var step))
        {
            return Errno.EAGAIN;
        }

        _now += step.Takes.Ticks;
        if (step.Errno != 0)
        {
            return step.Errno;
        }

        length = step.Bytes.Length;
        sender = step.Sender;
        step.Bytes.AsSpan(0, Math.Min(length, buffer.Length)).CopyTo(buffer);
        return 0;
    }

    public void Wait(TimeSpan timeout) => _now += timeout.Ticks;

    public void Dispose()
    {
    }

    private sealed record Step(byte[] Bytes, int Errno, uint Sender, TimeSpan Takes);
}
