using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>Something to read from the kernel.</summary>
/// <typeparam name="T">What it fills.</typeparam>
internal interface ISourceOf<in T> : IDisposable
{
    /// <summary>Its name in words: "listeners".</summary>
    string Name { get; }

    /// <summary>How it reads.</summary>
    SourceMethod Method { get; }

    /// <summary>Reads the kernel into this source's section. The caller records the status.</summary>
    /// <param name="sample">What to fill. The source may use sections read earlier in the same tick.</param>
    /// <returns>The result.</returns>
    ReadResult Read(T sample);
}
