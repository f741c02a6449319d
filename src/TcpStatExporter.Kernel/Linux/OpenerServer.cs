using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>Accepts the clients of a <see cref="NetnsOpener"/>, each on a thread of its own. Reads nothing from them.</summary>
/// <param name="unit">Unit in system.slice whose processes may ask. Null: none.</param>
/// <param name="user">User who may ask in addition to root and the opener's own. Null: none.</param>
/// <param name="refused">Told pid and user of a refused client, at most once in ten seconds.</param>
public sealed class OpenerServer(string? unit, uint? user, Action<int, uint> refused) : IDisposable
{
    /// <summary>Where daemon and opener meet if nothing else is configured.</summary>
    public const string DefaultPath = "/run/tcpstat-exporter-opener.sock";

    private const int MaxClients = 8;
    private const int StackSize = 128 * 1024;
    private const UnixFileMode OwnerAndGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(10);

    private readonly OpenerClients _clients = new(unit, user);
    private readonly NetnsOpener _opener = new();
    private readonly SemaphoreSlim _places = new(MaxClients);
    private long? _lastRefused;

    /// <summary>Creates the socket, for user and group only. Replaces one that nobody listens on any more.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="descriptor">Its descriptor.</param>
    /// <returns>Removes the socket when disposed.</returns>
    /// <exception cref="SocketException">It cannot be created, or somebody listens there.</exception>
    [SuppressMessage("Interoperability", "CA1416:Validate platform compatibility", Justification = "It runs on Linux alone.")]
    public static IDisposable Listen(string path, out int descriptor)
    {
        var address = new UnixDomainSocketEndPoint(path);
        using (var other = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified))
        {
            try
            {
                other.Connect(address);
                throw new SocketException((int)SocketError.AddressAlreadyInUse);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && FileStamp.Of(path).IsSocket)
            {
                File.Delete(path);
            }
            catch (SocketException e) when (e.SocketErrorCode != SocketError.AddressAlreadyInUse)
            {
                // nothing is there, or bind(2) says what
            }
        }

        var listener = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        listener.Bind(address);
        File.SetUnixFileMode(path, OwnerAndGroup);
        listener.Listen();
        descriptor = (int)listener.Handle;
        return listener;
    }

    /// <summary>Serves clients.</summary>
    /// <param name="listener">The listening socket.</param>
    /// <param name="idle">Return after this time without a client. Null: never.</param>
    /// <returns>0 after that time, or the errno of what failed: EPERM without CAP_SYS_ADMIN.</returns>
    public int Serve(int listener, TimeSpan? idle)
    {
        if (_opener.Try() is not 0 and var denied)
        {
            return denied;
        }

        try
        {
            using var socket = new Socket(new SafeSocketHandle(listener, ownsHandle: false));
            while (true)
            {
                // with all places taken, new clients wait
                _places.Wait();
                if (socket.Poll(idle ?? Timeout.InfiniteTimeSpan, SelectMode.SelectRead))
                {
                    Welcome(socket.Accept());
                }
                else if (_places.Release() == MaxClients - 1)
                {
                    return 0;
                }
            }
        }
        catch (SocketException e)
        {
            // such as a system without free files: to go on would keep a processor busy
            return e.ErrorCode;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _opener.Dispose();
        _places.Dispose();
    }

    private void Welcome(Socket client)
    {
        if (_clients.Admits((int)client.Handle, out var who))
        {
            client.ReceiveTimeout = (int)Silence.TotalMilliseconds;
            new Thread(() => Attend(client), StackSize) { IsBackground = true, Name = "client" }.Start();
            return;
        }

        client.Dispose();
        _places.Release();
        if (_lastRefused is not { } last || Stopwatch.GetElapsedTime(last) > LogPause)
        {
            _lastRefused = Stopwatch.GetTimestamp();
            refused(who.Process, who.User);
        }
    }

    private void Attend(Socket client)
    {
        using (client)
        {
            while (_opener.Answer((int)client.Handle))
            {
                // the next one
            }
        }

        _places.Release();
    }
}
