using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Drops since the sockets that are open now were opened: it is gone when they are.</summary>
internal sealed class ListenerDroppedEarlier : IRule
{
    private const uint StrayPackets = 5;

    /// <inheritdoc/>
    public string Id => "listener-dropped-earlier";

    /// <inheritdoc/>
    public Severity Severity => Severity.Info;

    /// <inheritdoc/>
    public string Subject => "a listener dropped connections before, and does not now";

    /// <inheritdoc/>
    public Judgement Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Listeners) || context.TcpExt("ListenDrops") is not { } drops)
        {
            return Judgement.CannotTell("listeners or /proc/net/netstat could not be read");
        }

        if (context.Find((in ListenerSample listener) => !listener.HasDrops).Count > 0)
        {
            return Judgement.CannotTell("procfs does not print the drops of a listener, and netlink was not to be had");
        }

        var bySocket = SocketDrops(context);
        long Of(ListenerIdentity listener) => bySocket.GetValueOrDefault((listener.Address, listener.Port));

        // the kernel's own count must have moved: a listener's has what a socket filter discards as well
        var before = drops > StrayPackets
            ? context.Find((in ListenerSample listener) => Of(listener.Identity) > StrayPackets && !Trouble.IsDropping(context, listener))
            : [];
        if (before.Count == 0)
        {
            return Judgement.DoesNotHold;
        }

        var names = before.Select(listener => listener.Identity).ToArray();
        return new Finding
        {
            Title = $"{Words.Names(names)} {(names.Length == 1 ? "has" : "have")} dropped connections since {(names.Length == 1 ? "it was" : "they were")} opened",
            Listeners = names,
            Measured = Words.AtMostTen(
            [
                .. before
                    .OrderByDescending(listener => Of(listener.Identity))
                    .Select(listener => $"{Words.Name(listener.Identity)}: {Words.Count(Of(listener.Identity))} packets since its sockets were opened, {Words.Count(context.Dropped(listener))} {context.InWindow}; {Trouble.Queue(listener)}"),
            ]),
            Why = "The kernel counts in each listening socket what it dropped there (sk_drops), and the count lasts as long as the socket.",
            Changes = [Change.Do("Watch longer (--for 60s), or let the daemon tell when it happens: tcpstat_listen_drops_total and tcpstat_listen_queue_peak."), .. Trouble.RaiseBacklog(context, before)],
            Cost = "None to watch. A longer queue only helps where it overflowed in a burst.",
            Runbook = "TcpListenerDroppingConnections",
        };
    }

    /// <summary>By address and port: where two units share both, each is shown the sum.</summary>
    private static Dictionary<(IpAddress Address, ushort Port), long> SocketDrops(AdvisorContext context)
    {
        var drops = new Dictionary<(IpAddress, ushort), long>();
        foreach (ref readonly var socket in context.Now.Kernel.Listeners.Span)
        {
            drops[(socket.Address, socket.Port)] = drops.GetValueOrDefault((socket.Address, socket.Port)) + socket.Drops;
        }

        return drops;
    }
}
