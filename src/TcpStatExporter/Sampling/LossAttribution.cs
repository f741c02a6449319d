using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Attributes the losses that the kernel counted since the last read (ListenOverflows, ListenDrops) to the sockets that may
/// have lost them. The counters count the whole namespace. A socket's own count (sk_drops) also includes harmless packets. So
/// the counters say how much was lost, and evidence says where: first sockets whose queue was seen full, then those whose
/// queue was filled or that have lost lately, then the others by what they discarded beyond their habit. Within the first two
/// grades, shares are proportional to what was discarded. In the last grade, a socket gets only what no other socket could
/// have lost. The rest is not attributed.
/// </summary>
/// <remarks>
/// A lost SYN counts once in ListenDrops and once in sk_drops. A last ACK that meets a full accept queue counts once in
/// ListenDrops and twice in sk_drops (tcp_listendrop() in tcp_v4_syn_recv_sock(), then discard in tcp_v4_rcv(),
/// net/ipv4/tcp_ipv4.c). So no socket ever gets more than it discarded, and the total is never more than what was counted.
/// </remarks>
internal sealed class LossAttribution
{
    private readonly ValueList<LossClaim> _claims = new();

    // counted during the last read but not visible at any socket then: it will be in this read
    private ulong _carriedOverflows;
    private ulong _carriedOthers;
    private ulong _overflows;
    private ulong _others;
    private ulong _synQueueDrops;
    private bool _hasBaseline;

    /// <summary>Sockets that discarded something since the last read, and those that are closed.</summary>
    public Span<LossClaim> Claims => _claims.Span;

    /// <summary>Losses since the last read that are not attributed to any socket.</summary>
    public LossCounts Unattributed { get; private set; }

    /// <summary>The counters have not changed since the last read, so whatever sockets discarded was not a loss.</summary>
    public bool IsQuiet { get; private set; }

    /// <summary>Starts a read.</summary>
    public void Begin() => _claims.Clear();

    /// <summary>Adds a socket.</summary>
    public ref LossClaim Add()
    {
        ref var claim = ref _claims.Add();
        claim = default;
        return ref claim;
    }

    /// <summary>Returns true if the counters have changed since the last read, or if something is left to attribute.</summary>
    /// <param name="evidence">The current counters. They must be known.</param>
    public bool HasMoved(LossEvidence evidence) =>
        _hasBaseline && (evidence.Overflows != _overflows || evidence.Drops - evidence.Overflows != _others || _carriedOverflows + _carriedOthers > 0);

    /// <summary>Attributes the losses. The first call only records the counters.</summary>
    /// <param name="evidence">The current counters. They must be known.</param>
    public void Divide(LossEvidence evidence)
    {
        Unattributed = default;
        var others = evidence.Drops - Math.Min(evidence.Overflows, evidence.Drops);
        if (!_hasBaseline || evidence.Overflows < _overflows || evidence.SynQueueDrops < _synQueueDrops)
        {
            (_hasBaseline, IsQuiet) = (true, false);
            (_overflows, _others, _synQueueDrops) = (evidence.Overflows, others, evidence.SynQueueDrops);
            return;
        }

        var overflowed = evidence.Overflows - _overflows;

        // each counter is summed over processors while they count, so the difference of two counters may briefly decrease by
        // one
        var lostOtherwise = others - Math.Min(others, _others);
        var synQueueFull = evidence.SynQueueDrops - _synQueueDrops;
        (_overflows, _others, _synQueueDrops) = (evidence.Overflows, Math.Max(_others, others), evidence.SynQueueDrops);
        IsQuiet = overflowed + lostOtherwise + _carriedOverflows + _carriedOthers + evidence.MovedDrops == 0;
        if (IsQuiet)
        {
            return;
        }

        overflowed += _carriedOverflows;
        lostOtherwise += _carriedOthers;
        var mayFollow = Math.Min(overflowed, evidence.MovedOverflows);
        var left = Divide(LossReason.AcceptQueue, overflowed, mayFollow);
        _carriedOverflows = Math.Min(left, mayFollow);
        var nameless = left - _carriedOverflows;

        var bySynQueue = evidence.AreCookiesOff ? lostOtherwise : Math.Min(lostOtherwise, synQueueFull);
        mayFollow = Math.Min(lostOtherwise, evidence.MovedDrops - Math.Min(evidence.MovedDrops, evidence.MovedOverflows));
        var leftSyn = Divide(LossReason.SynQueue, bySynQueue, mayFollow);
        var leftOther = Divide(LossReason.Other, lostOtherwise - bySynQueue, mayFollow);
        _carriedOthers = Math.Min(leftSyn + leftOther, mayFollow);
        var carriedOther = Math.Min(leftOther, _carriedOthers);
        Unattributed = new LossCounts(nameless, leftSyn - (_carriedOthers - carriedOther), leftOther - carriedOther);
    }

    private static LossGrade GradeOf(in LossClaim claim, LossReason reason) => reason switch
    {
        LossReason.AcceptQueue => claim.AcceptQueue,
        LossReason.SynQueue => claim.SynQueue,
        _ => LossGrade.Possible,
    };

    /// <summary>
    /// Returns how much more a socket can get: everything it discarded if its queue was seen full, otherwise what exceeds its
    /// habit.
    /// </summary>
    private static ulong RoomOf(in LossClaim claim, LossGrade grade)
    {
        var most = grade == LossGrade.Seen ? claim.Discarded : claim.Excess;
        return most - Math.Min(most, claim.Lost.Total);
    }

    private static void Give(ref LossClaim claim, LossReason reason, ulong count) => claim.Lost += reason switch
    {
        LossReason.AcceptQueue => new LossCounts(count, 0, 0),
        LossReason.SynQueue => new LossCounts(0, count, 0),
        _ => new LossCounts(0, 0, count),
    };

    /// <summary>Attributes the losses of one reason.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="lost">The number of losses.</param>
    /// <param name="mayFollow">How many of them may only show at a socket in the next read.</param>
    /// <returns>The rest.</returns>
    private ulong Divide(LossReason reason, ulong lost, ulong mayFollow)
    {
        if (lost == 0)
        {
            return 0;
        }

        lost -= DivideByShare(reason, LossGrade.Seen, lost);
        lost -= DivideByShare(reason, LossGrade.Likely, lost);
        lost -= DivideAmongGone(reason, lost);
        return lost - DivideTheCertain(reason, lost - Math.Min(lost, mayFollow));
    }

    /// <summary>Attributes shares in proportion to what was discarded, to sockets with good evidence.</summary>
    private ulong DivideByShare(LossReason reason, LossGrade grade, ulong lost)
    {
        ulong room = 0;
        foreach (ref readonly var claim in _claims.Span)
        {
            room += claim.Socket >= 0 && GradeOf(claim, reason) == grade ? RoomOf(claim, grade) : 0;
        }

        var given = Math.Min(lost, room);
        var (left, leftRoom) = (given, room);
        foreach (ref var claim in _claims.Span)
        {
            if (left > 0 && claim.Socket >= 0 && GradeOf(claim, reason) == grade && RoomOf(claim, grade) is var own and > 0)
            {
                // each share is of the rest, by the remaining room, so rounding never loses one and none gets more than its
                // room
                var share = leftRoom == own ? left : (ulong)Math.Round((double)left * own / leftRoom);
                share = Math.Min(Math.Min(share, own), left);
                Give(ref claim, reason, share);
                left -= share;
                leftRoom -= own;
            }
        }

        return given - left;
    }

    /// <summary>A socket that was full in the last read and has closed since has lost what the others cannot explain.</summary>
    private ulong DivideAmongGone(LossReason reason, ulong lost)
    {
        var count = 0UL;
        foreach (ref readonly var claim in _claims.Span)
        {
            count += claim.Socket < 0 && GradeOf(claim, reason) == LossGrade.Seen ? 1UL : 0;
        }

        var left = count == 0 ? 0 : lost;
        var given = left;
        foreach (ref var claim in _claims.Span)
        {
            if (claim.Socket < 0 && GradeOf(claim, reason) == LossGrade.Seen)
            {
                var share = left / count--;
                Give(ref claim, reason, share);
                left -= share;
            }
        }

        return given;
    }

    /// <summary>
    /// Among sockets whose only evidence is discarded packets, each gets what no other socket, open or closed, can have lost.
    /// </summary>
    private ulong DivideTheCertain(LossReason reason, ulong lost)
    {
        ulong room = 0;
        foreach (ref readonly var claim in _claims.Span)
        {
            if (claim.Socket < 0)
            {
                // it may have lost any number
                return 0;
            }

            room += RoomOf(claim, LossGrade.Possible);
        }

        ulong given = 0;
        foreach (ref var claim in _claims.Span)
        {
            var own = RoomOf(claim, LossGrade.Possible);
            var others = room - own;
            var certain = lost > others ? Math.Min(own, lost - others) : 0;
            Give(ref claim, reason, certain);
            given += certain;
        }

        return given;
    }
}
