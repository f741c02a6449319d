using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Tells that a cgroup was created: every container and every unit gets one. A check without news is one system call and
/// allocates nothing. Not thread-safe.
/// </summary>
/// <remarks>
/// By inotify(7), which needs no privilege: mkdir(2) and rmdir(2) in a directory of the hierarchy are events, the files that
/// the kernel makes in it are not. inotify knows no trees, so each directory has a watch. In a cgroup hierarchy, a watch does
/// not end with its directory and would keep its inode, so the event in the parent ends it. Directories above the limit,
/// or above fs.inotify.max_user_watches, are not watched.
/// </remarks>
public sealed class CgroupWatch : IDisposable
{
    /// <summary>Size of struct inotify_event (linux/inotify.h) without the name: wd, mask, cookie, len.</summary>
    private const int HeaderSize = 16;

    private const int MaxDirectories = 8192;

    private readonly string _root;
    private readonly int _most;
    private readonly Dictionary<int, string> _paths = [];
    private readonly Dictionary<string, int> _watches = new(StringComparer.Ordinal);
    private readonly Queue<string> _toWatch = new();
    private readonly byte[] _events = new byte[16 * 1024];
    private SafeFileHandle _inotify;

    /// <summary>Watches a hierarchy.</summary>
    /// <param name="root">Its directory.</param>
    public CgroupWatch(string root)
        : this(root, MaxDirectories)
    {
    }

    internal CgroupWatch(string root, int most)
    {
        _root = root;
        _most = most;
        _inotify = Open();
        Watch(root);
    }

    /// <summary>Number of directories that are watched.</summary>
    internal int Count => _paths.Count;

    /// <summary>Takes the events since the last call, or some of them if there were very many.</summary>
    /// <returns>True if a cgroup was created.</returns>
    public bool TakeNew()
    {
        var isNew = false;
        var length = (int)Libc.ReadEvents(_inotify, _events, (nuint)_events.Length);
        for (var rest = _events.AsSpan(0, Math.Max(length, 0)); rest.Length >= HeaderSize;)
        {
            var watch = BinaryPrimitives.ReadInt32LittleEndian(rest);
            var mask = BinaryPrimitives.ReadUInt32LittleEndian(rest[sizeof(int)..]);
            var name = rest.Slice(HeaderSize, BinaryPrimitives.ReadInt32LittleEndian(rest[(HeaderSize - sizeof(int))..]));
            rest = rest[(HeaderSize + name.Length)..];
            if ((mask & Libc.InotifyOverflow) != 0)
            {
                StartAnew();
                return true;
            }

            if ((mask & (Libc.InotifyCreate | Libc.InotifyDelete)) != 0 && _paths.TryGetValue(watch, out var parent))
            {
                var path = Path.Combine(parent, Encoding.UTF8.GetString(name.TrimEnd((byte)0)));
                if ((mask & Libc.InotifyCreate) != 0)
                {
                    Watch(path);
                    isNew = true;
                }
                else if (_watches.Remove(path, out var ended))
                {
                    _paths.Remove(ended);
                    _ = Libc.InotifyRemoveWatch(_inotify, ended);
                }
            }
        }

        return isNew;
    }

    /// <inheritdoc/>
    public void Dispose() => _inotify.Dispose();

    private static SafeFileHandle Open() => new(Libc.InotifyInit(Libc.InotifyFlags), ownsHandle: true);

    /// <summary>After events were lost.</summary>
    private void StartAnew()
    {
        _inotify.Dispose();
        _inotify = Open();
        _paths.Clear();
        _watches.Clear();
        Watch(_root);
    }

    private void Watch(string directory)
    {
        _toWatch.Enqueue(directory);
        while (_toWatch.TryDequeue(out var next))
        {
            // watched before it is listed: a directory that is created meanwhile is in the list, or an event
            var watch = _paths.Count < _most ? Libc.InotifyAddWatch(_inotify, next, Libc.InotifyCreate | Libc.InotifyDelete | Libc.InotifyOnlyDirectories) : -1;
            if (watch < 0)
            {
                // gone, or above a limit
                continue;
            }

            _paths[watch] = next;
            _watches[next] = watch;
            CgroupTree.AddChildren(next, _toWatch);
        }
    }
}
