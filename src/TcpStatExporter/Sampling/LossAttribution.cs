using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Divides what the kernel counted as lost since the last look (ListenOverflows, ListenDrops) among the sockets that may
/// have lost it. The counters count for the whole namespace; a socket's own count (sk_drops) also has what hurts nobody.
/// So the counters say how much was lost, and evidence says where:
/// those whose queue was seen full come first, then those whose queue was filled or that have lost lately, then the rest
/// by what they discarded beyond their habit. Within the first two, shares are proportional to what was discarded. Of the
/// rest a socket is given only what no other could have lost. What is left stays without a name.
/// </summary>
/// <remarks>
/// A SYN that is lost counts once in ListenDrops and once in sk_drops; a last ACK that meets a full accept queue once in
/// ListenDrops and twice in sk_drops (tcp_listendrop() in tcp_v4_syn_recv_sock(), then discard in tcp_v4_rcv(),
/// net/ipv4/tcp_ipv4.c). So no socket is ever given more than it discarded, and no more than was counted is given to all.
/// </remarks>
internal sealed class LossAttribution
{
    private readonly ValueList<LossClaim> _claims = new();

    // what was counted while the last look was under way and was seen at no socket: it will be at this one
    private ulong _carriedOverflows;
    private ulong _carriedOthers;
    private ulong _overflows;
    private ulong _others;
    private ulong _synQueueDrops;
    private bool _hasBaseline;

    /// <summary>Sockets that discarded something since the last look, and those that are gone.</summary>
    public Span<LossClaim> Claims => _claims.Span;

    /// <summary>What was lost since the last look and given to none.</summary>
    public LossCounts Unattributed { get; private set; }

    /// <summary>The counters stood still since the last look: whatever sockets discarded was no loss.</summary>
    public bool IsQuiet { get; private set; }

    /// <summary>Starts a look.</summary>
    public void Begin() => _claims.Clear();

    /// <summary>Adds a socket.</summary>
    public ref LossClaim Add()
    {
        ref var claim = ref _claims.Add();
        claim = default;
        return ref claim;
    }

    /// <summary>Whether the counters moved since the last look, or there is something to make up for.</summary>
    /// <param name="evidence">The counters now; known.</param>
    public bool HasMoved(LossEvidence evidence) =>
        _hasBaseline && (evidence.Overflows != _overflows || evidence.Drops - evidence.Overflows != _others || _carriedOverflows + _carriedOthers > 0);

    /// <summary>Divides. The first call only takes where the counters stand.</summary>
    /// <param name="evidence">The counters now; known.</param>
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

        // each counter is summed over processors while they count: the difference of two may step back by one for a moment
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

    /// <summary>What a socket can still be given: all that it discarded where its queue was seen full, else what goes beyond its habit.</summary>
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

    /// <summary>Divides what was lost for one reason.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="lost">How much.</param>
    /// <param name="mayFollow">How much of it may show at a socket only at the next look.</param>
    /// <returns>What is left.</returns>
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

    /// <summary>Shares in proportion to what was discarded, for sockets with good evidence.</summary>
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
                // of what is left, by what room is left: rounding never loses one, and none gets more than its room
                var share = leftRoom == own ? left : (ulong)Math.Round((double)left * own / leftRoom);
                share = Math.Min(Math.Min(share, own), left);
                Give(ref claim, reason, share);
                left -= share;
                leftRoom -= own;
            }
        }

        return given - left;
    }

    /// <summary>A socket that was full at the last look and is gone since has lost what the others cannot explain.</summary>
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

    /// <summary>Of sockets that have only discarded packets to show, each is given what no other, seen or gone, can have lost.</summary>
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
