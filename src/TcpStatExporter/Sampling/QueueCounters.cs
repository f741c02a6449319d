using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>The values of <see cref="QueueCounter.All"/> at one tick.</summary>
internal sealed class QueueCounters : Part
{
    private readonly ulong?[] _values = new ulong?[QueueCounter.All.Count];

    /// <summary>The value of a counter. Null if unknown.</summary>
    /// <param name="index">Index in <see cref="QueueCounter.All"/>.</param>
    public ulong? this[int index] => _values[index];

    /// <summary>Copies the values of a sample.</summary>
    /// <param name="sample">The sample.</param>
    public void Take(NamespaceSample sample)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            _values[i] = QueueCounter.All[i].Of(sample);
        }
    }

    /// <inheritdoc/>
    protected override void CopyTo(Part other) => _values.CopyTo(((QueueCounters)other)._values, 0);
}
