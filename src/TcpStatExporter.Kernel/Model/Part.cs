namespace TcpStatExporter.Kernel.Model;

/// <summary>A list or table that is part of a sample.</summary>
public abstract class Part
{
    /// <summary>Copies the content to <paramref name="other"/>.</summary>
    /// <param name="other">A part of the same type, to overwrite.</param>
    protected internal abstract void CopyTo(Part other);
}
