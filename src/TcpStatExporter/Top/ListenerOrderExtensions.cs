namespace TcpStatExporter.Top;

/// <summary>What orders of the listeners are called on the screen.</summary>
internal static class ListenerOrderExtensions
{
    /// <summary>The name of an order: "trouble".</summary>
    /// <param name="order">The order.</param>
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
