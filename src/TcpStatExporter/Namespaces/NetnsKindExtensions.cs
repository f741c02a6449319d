namespace TcpStatExporter.Namespaces;

/// <summary>Names of <see cref="NetnsKind"/>.</summary>
internal static class NetnsKindExtensions
{
    /// <summary>Returns the value of the label <c>kind</c>.</summary>
    /// <param name="kind">The kind.</param>
    public static string Name(this NetnsKind kind) => kind switch
    {
        NetnsKind.Pod => "pod",
        NetnsKind.Container => "container",
        NetnsKind.Named => "named",
        NetnsKind.Unit => "unit",
        _ => "other",
    };
}
