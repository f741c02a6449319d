using System.Buffers.Binary;
using System.Net;

namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// An IP address as a value, without heap memory. An IPv4 address is stored in v4-mapped form (::ffff:a.b.c.d) together with
/// the family of its socket. So 0.0.0.0 of an IPv4 socket and :: of an IPv6 socket stay different.
/// </summary>
public readonly record struct IpAddress
{
    private const ulong MappedPrefix = 0xffff_0000_0000;

    private IpAddress(IpFamily family, ulong high, ulong low)
    {
        Family = family;
        High = high;
        Low = low;
    }

    /// <summary>Address family of the socket.</summary>
    public IpFamily Family { get; }

    /// <summary>The first eight bytes, in host order.</summary>
    public ulong High { get; }

    /// <summary>The last eight bytes, in host order.</summary>
    public ulong Low { get; }

    /// <summary>True for 0.0.0.0 and ::.</summary>
    public bool IsWildcard => High == 0 && (Low == 0 || Low == MappedPrefix);

    /// <summary>True for 127.0.0.0/8, also in v4-mapped form, and ::1.</summary>
    public bool IsLoopback => High == 0 && (Low == 1 || Low >> 24 == (MappedPrefix | 0x7f00_0000) >> 24);

    /// <summary>True for the v4-mapped address of an IPv6 socket (::ffff:a.b.c.d).</summary>
    public bool IsMappedIPv4 => Family == IpFamily.IPv6 && High == 0 && Low >> 32 == 0xffff;

    /// <summary>Creates an IPv4 address.</summary>
    /// <param name="value">The address in host order: 127.0.0.1 is 0x7f000001.</param>
    public static IpAddress FromIPv4(uint value) => new(IpFamily.IPv4, 0, MappedPrefix | value);

    /// <summary>Creates an IPv6 address.</summary>
    /// <param name="high">The first eight bytes, in host order.</param>
    /// <param name="low">The last eight bytes, in host order.</param>
    public static IpAddress FromIPv6(ulong high, ulong low) => new(IpFamily.IPv6, high, low);

    /// <summary>Returns the IPv4 form of a v4-mapped address, or the same address if it is not v4-mapped.</summary>
    public IpAddress Unmapped() => IsMappedIPv4 ? new IpAddress(IpFamily.IPv4, High, Low) : this;

    /// <summary>
    /// Compares family and bytes. Written by hand, because code compiled ahead of time (ReadyToRun) would box the family in
    /// every comparison.
    /// </summary>
    /// <param name="other">The other address.</param>
    public bool Equals(IpAddress other) => High == other.High && Low == other.Low && Family == other.Family;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(High, Low, (byte)Family);

    /// <summary>
    /// Returns the address as ss(8) prints it, without brackets: "127.0.0.1", "::1", "::ffff:10.0.0.1". Allocates.
    /// </summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        return new IPAddress(Family == IpFamily.IPv4 ? bytes[12..] : bytes).ToString();
    }

    /// <summary>Returns the address with a port: "127.0.0.1:80", "[::1]:80". Allocates.</summary>
    /// <param name="port">The port.</param>
    public string ToString(ushort port) => Family == IpFamily.IPv6 ? $"[{ToString()}]:{port}" : $"{ToString()}:{port}";
}
