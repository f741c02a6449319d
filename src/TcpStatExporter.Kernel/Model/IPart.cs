namespace TcpStatExporter.Kernel.Model;

/// <summary>A list or table that is part of a sample.</summary>
public interface IPart
{
    /// <summary>Copies the content to <paramref name="other"/>.</summary>
    /// <param name="other">A part of the same type, to overwrite.</param>
    void CopyTo(IPart other);
}
