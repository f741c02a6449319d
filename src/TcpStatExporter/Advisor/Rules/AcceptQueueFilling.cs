using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>A queue near its limit, or at it with nobody to drop.</summary>
internal sealed class AcceptQueueFilling : IRule
{
    /// <inheritdoc/>
    public string Id => "accept-queue-filling";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "an accept queue fills";

    /// <inheritdoc/>
    public Judgement Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Listeners))
        {
            return Judgement.CannotTell("listeners could not be read");
        }

        if (context.Find((in ListenerSample listener) => !listener.HasLimit).Count > 0)
        {
            return Judgement.CannotTell("procfs does not print the limits of accept queues, and netlink was not to be had");
        }

        // a queue of one or two is full with the first connection: four have to wait. Those that drop or hang are told elsewhere
        var filling = context.Find((in ListenerSample listener) =>
            listener.FillRatioPeak > 0.9 && listener.QueuePeak >= 4 && !Trouble.IsDropping(context, listener) && !Trouble.HasStuckWorker(listener));
        if (filling.Count == 0)
        {
            return Judgement.DoesNotHold;
        }

        var names = filling.Select(listener => listener.Identity).ToArray();
        return new Finding
        {
            Title = $"The accept queue of {Words.Names(names)} is {Words.Percent(filling.Max(listener => listener.FillRatioPeak))} full",
            Listeners = names,
            Measured = Words.AtMostTen([.. filling.Select(listener => $"{Words.Name(listener.Identity)}: {Trouble.Queue(listener)}")]),
            Why = "Connections whose handshake is done wait here until the application accepts them; once the queue holds one more than its limit the kernel drops SYNs and last ACKs.",
            Changes =
            [
                Change.Do("See whether it accepts at all: a queue that stays full is an application that hangs or has too few workers, whatever its backlog."),
                .. Trouble.RaiseBacklog(context, filling),
            ],
            Cost = "A longer queue holds more connections that wait (about 2 KB of kernel memory each), and clients may have left by the time they are accepted.",
            Folklore = "The Recv-Q that ss shows for a listener is this queue, not the SYN backlog, and tcp_max_syn_backlog does not bound it.",
            Runbook = "TcpAcceptQueueFilling",
        };
    }
}
