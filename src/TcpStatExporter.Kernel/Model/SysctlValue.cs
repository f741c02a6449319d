namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// Up to three numbers of one kernel parameter. <see cref="Count"/> is 0 if this kernel or namespace does not have it.
/// </summary>
public struct SysctlValue
{
    /// <summary>How many numbers it has, 0 to 3.</summary>
    public int Count;

    /// <summary>First number.</summary>
    public long First;

    /// <summary>Second number.</summary>
    public long Second;

    /// <summary>Third number.</summary>
    public long Third;

    /// <summary>The number at an index.</summary>
    /// <param name="index">0 to 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is out of range.</exception>
    public long this[int index]
    {
        readonly get => index switch
        {
            0 => First,
            1 => Second,
            2 => Third,
            _ => throw new ArgumentOutOfRangeException(nameof(index)),
        };
        set
        {
            switch (index)
            {
                case 0:
                    First = value;
                    break;
                case 1:
                    Second = value;
                    break;
                case 2:
                    Third = value;
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(index));
            }
        }
    }
}
