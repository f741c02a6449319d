using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Decides who may use the opener: root, the opener's own user, one more user if configured, and the processes of one unit of
/// the host's systemd.
/// </summary>
/// <remarks>
/// The kernel recorded the client's pid and user when it connected (SO_PEERCRED). The user of a unit with DynamicUser= is not
/// known in advance, so the unit is found by the cgroup of the process. Only root can create or join a cgroup below
/// system.slice. The pid may belong to another process by now, so that process must also run as the recorded user: a client
/// that ended and left its connection to another process cannot pass for a process of the unit, which has a user of its own.
/// </remarks>
/// <param name="unit">Name of the unit in system.slice, such as tcpstat-exporter.service. Null: no unit.</param>
/// <param name="user">Id of the additional user. Null: none.</param>
internal sealed unsafe class OpenerClients(string? unit, uint? user)
{
    private const int MaxText = 8192;

    private readonly uint _own = Libc.EffectiveUser();
    private readonly byte[]? _path = unit is null ? null : Encoding.UTF8.GetBytes($"/system.slice/{unit}");

    /// <summary>Returns true if the client of a connection may ask.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="client">Who it is.</param>
    public bool Admits(int connection, out Libc.Credentials client)
    {
        var length = Libc.Credentials.Size;
        if (Libc.GetCredentials(connection, Libc.SocketLevel, Libc.SocketPeerCredentials, out client, ref length) != 0)
        {
            return false;
        }

        return client.User == 0 || client.User == _own || client.User == user || IsOfUnit(client);
    }

    /// <summary>Returns true if a text of <c>/proc/PID/cgroup</c> has the unit, or a cgroup below it, in systemd's hierarchy.</summary>
    /// <param name="text">The text.</param>
    internal bool IsOfUnit(ReadOnlySpan<byte> text)
    {
        // a line without its end may be cut off
        for (int end; (end = text.IndexOf((byte)'\n')) >= 0; text = text[(end + 1)..])
        {
            var line = text[..end];
            var hierarchy = line[(line.IndexOf((byte)':') + 1)..];
            var path = hierarchy.StartsWith("name=systemd:"u8) ? hierarchy["name=systemd:".Length..] : line.StartsWith("0::"u8) ? line["0::".Length..] : default;
            if (path.StartsWith(_path) && (path.Length == _path!.Length || path[_path.Length] == '/'))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsOfUnit(in Libc.Credentials client)
    {
        if (_path is null)
        {
            return false;
        }

        // held open, so that user and cgroup are those of one process
        var process = Libc.Open($"/proc/{client.Process}", Libc.OpenPathFlags);
        if (process < 0)
        {
            return false;
        }

        using var folder = new SafeFileHandle(process, ownsHandle: true);
        if (Libc.Statx(process, "", Libc.AtEmptyPath, Libc.StatxBasic, out var info) != 0 || info.User != client.User)
        {
            return false;
        }

        using var cgroup = new SafeFileHandle(Libc.Open($"/proc/self/fd/{process}/cgroup", Libc.OpenFlags), ownsHandle: true);
        Span<byte> text = stackalloc byte[MaxText];
        fixed (byte* start = text)
        {
            var length = cgroup.IsInvalid ? 0 : (int)Libc.ReadAt(cgroup, start, MaxText, offset: 0);
            return length > 0 && IsOfUnit(text[..length]);
        }
    }
}
