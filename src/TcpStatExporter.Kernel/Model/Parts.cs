namespace TcpStatExporter.Kernel.Model;

/// <summary>The lists and tables of a sample. They register here when they are created, so a copy includes all of them.</summary>
public sealed class Parts
{
    private Part[] _all = [];

    /// <summary>Registers a part.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="part">The part.</param>
    /// <returns>The same part.</returns>
    public T Add<T>(T part)
        where T : Part
    {
        _all = [.. _all, part];
        return part;
    }

    /// <summary>Copies all parts.</summary>
    /// <param name="other">The parts of another sample of the same class, to overwrite.</param>
    public void CopyTo(Parts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (var i = 0; i < _all.Length; i++)
        {
            _all[i].CopyTo(other._all[i]);
        }
    }
}
