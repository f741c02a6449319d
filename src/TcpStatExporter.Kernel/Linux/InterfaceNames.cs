using System.Globalization;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Names of network interfaces by index, in one network namespace. A name is cached for one minute, because interfaces are
/// renamed and their indexes are reused. Not thread-safe.
/// </summary>
/// <param name="within">The network namespace.</param>
/// <param name="time">The clock.</param>
public sealed class InterfaceNames(NetNamespace within, TimeProvider time)
{
    private const int NameSize = 16;
    private const int MostRemembered = 4096;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly Dictionary<uint, (string Name, long Timestamp)> _names = [];

    /// <summary>Returns the name that ip-link(8) shows, or <c>if7</c> if the interface with that index is gone.</summary>
    /// <param name="index">Interface index. 0 has no name.</param>
    /// <returns>Empty for 0.</returns>
    public string NameOf(uint index)
    {
        if (index == 0)
        {
            return "";
        }

        if (_names.TryGetValue(index, out var known) && time.GetElapsedTime(known.Timestamp) < Lifetime)
        {
            return known.Name;
        }

        if (_names.Count >= MostRemembered)
        {
            _names.Clear();
        }

        var name = Find(index, known.Name);
        _names[index] = (name, time.GetTimestamp());
        return name;
    }

    /// <summary>Returns the same string object if the name has not changed, so a steady host allocates nothing.</summary>
    private string Find(uint index, string? before)
    {
        Span<byte> buffer = stackalloc byte[NameSize];
        if (!TryFind(index, buffer))
        {
            return before ?? string.Create(CultureInfo.InvariantCulture, $"if{index}");
        }

        Span<char> name = stackalloc char[NameSize];
        var length = System.Text.Encoding.UTF8.GetChars(buffer[..buffer.IndexOf((byte)0)], name);
        return before is not null && name[..length].SequenceEqual(before) ? before : new string(name[..length]);
    }

    private bool TryFind(uint index, Span<byte> name)
    {
        if (!within.TryEnter(out var visit))
        {
            return false;
        }

        using (visit)
        {
            return Libc.IndexToName(index, name) != 0;
        }
    }
}
