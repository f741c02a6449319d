using System.Runtime.InteropServices;

namespace TcpStatExporter.Testing.Lab;

/// <summary>
/// A classic BPF program (struct sock_filter, linux/filter.h). On a TCP socket, the kernel runs it over each segment,
/// starting at the TCP header, and drops the segment if it returns 0. This simulates a lossy network for one socket, without
/// a real one.
/// </summary>
internal sealed class SocketFilter
{
    private const ushort LoadByte = 0x30;
    private const ushort And = 0x54;
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfGreaterOrEqual = 0x35;
    private const ushort Return = 0x06;

    private const uint FlagsOffset = 13;

    // SKF_AD_OFF + SKF_AD_RANDOM: a random number instead of data from the segment
    private const uint RandomOffset = 0xffff_f000 + 56;

    private const uint FinSynRstAck = 0x17;
    private const uint Syn = 0x02;
    private const uint Everything = 0xffff;

    private SocketFilter(params Instruction[] program) => Program = program;

    /// <summary>Drops all segments.</summary>
    public static SocketFilter Nothing { get; } = new(new Instruction(Return, 0, 0, 0));

    /// <summary>Drops everything except SYNs: a listener with this filter never sees a completed handshake.</summary>
    public static SocketFilter OnlySyn { get; } = new(
        new Instruction(LoadByte, 0, 0, FlagsOffset),
        new Instruction(And, 0, 0, FinSynRstAck),
        new Instruction(JumpIfEqual, 0, 1, Syn),
        new Instruction(Return, 0, 0, Everything),
        new Instruction(Return, 0, 0, 0));

    /// <summary>As a SO_REUSEPORT program: the first socket of the group gets all connections.</summary>
    public static SocketFilter FirstOfGroup { get; } = Nothing;

    /// <summary>As a SO_REUSEPORT program: the second socket of the group gets all connections.</summary>
    public static SocketFilter LastOfTwo { get; } = new(new Instruction(Return, 0, 0, 1));

    public Instruction[] Program { get; }

    /// <summary>Drops a share of the segments.</summary>
    /// <param name="share">Between 0 and 1.</param>
    public static SocketFilter Lossy(double share) => new(
        new Instruction(LoadWord, 0, 0, RandomOffset),
        new Instruction(JumpIfGreaterOrEqual, 0, 1, (uint)(share * uint.MaxValue)),
        new Instruction(Return, 0, 0, Everything),
        new Instruction(Return, 0, 0, 0));

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);
}
