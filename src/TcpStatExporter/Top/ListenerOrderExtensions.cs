namespace TcpStatExporter.Top;

/// <summary>Names of the sort orders on the screen.</summary>
internal static class ListenerOrderExtensions
{
    /// <summary>Returns the name of a sort order: "trouble".</summary>
    /// <param name="order">The sort order.</param>
    public static string Name(this ListenerOrder order) => order switch
    {
        ListenerOrder.Condition => "trouble",
        ListenerOrder.Fill => "fill",
        ListenerOrder.Lost => "lost",
        ListenerOrder.Connections => "connections",
        ListenerOrder.Port => "port",
        _ => throw new ArgumentOutOfRangeException(nameof(order), order, message: null),
    };
}
