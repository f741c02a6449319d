using TcpStatExporter.Kernel.Model;
using TcpStatExporter.View;

namespace TcpStatExporter.Top;

/// <summary>Why a value is unknown.</summary>
internal static class Reason
{
    /// <summary>"not read yet", "permission_denied".</summary>
    public static string Of(SourceView source) =>
        !source.Exists ? "not read for this network namespace" : source.Result.Error == SourceError.None ? "not read yet" : source.Result.Error.Name();
}
