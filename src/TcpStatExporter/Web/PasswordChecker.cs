using System.Security.Cryptography;
using System.Text;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Web;

/// <summary>
/// Checks passwords, one bcrypt at a time, on its own thread. So somebody who guesses passwords can use neither the thread
/// pool nor, in the long run, more than a fifth of one core: after a wrong password, the thread rests four times as long as
/// it ran.
/// <para>
/// The peer with the fewest guesses goes first, and among equals the one that came last. So a client with its first password
/// passes a crowd that guesses, whose members have each been wrong or rejected before. It does not wait for the rest either.
/// That rest is made up later, up to <see cref="MaxDebt"/>.
/// </para>
/// <para>
/// Results are remembered, right and wrong ones separately. So neither a scrape every second nor a client with an old
/// password costs a bcrypt each time, and no number of guesses pushes out known users. A password is stored as a digest under
/// a key of this process, together with the hash it was checked against. A new hash means a new check.
/// </para>
/// <para>
/// An unknown user is checked against the hash of a known user, chosen by the name, and always rejected. So it costs the same
/// time as a known user.
/// </para>
/// </summary>
internal sealed class PasswordChecker : ThreadService
{
    /// <summary>Maximum number of waiting checks. If there is one more, the last in the queue is rejected.</summary>
    public const int MaxWaiting = 128;

    /// <summary>Maximum number of waiting checks per peer.</summary>
    public const int MaxWaitingOfPeer = 4;

    /// <summary>Maximum number of peers whose guesses are counted.</summary>
    private const int MaxGuessers = 4096;

    private const int Remembered = 100;
    private const int RestFactor = 4;

    /// <summary>Maximum rest that may be owed when a newcomer is checked.</summary>
    private static readonly TimeSpan MaxDebt = TimeSpan.FromSeconds(10);

    /// <summary>After this time without a wrong password, a peer's guesses are forgotten.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);

    private readonly Func<string, ReadOnlySpan<byte>, bool> _verify;
    private readonly Lazy<byte[]> _key = new(static () => RandomNumberGenerator.GetBytes(32));
    private readonly AutoResetEvent _arrived = new(initialState: false);
    private readonly Lock _lock = new();
    private readonly List<Check> _waiting = [];
    private readonly VerdictMemory _right = new(Remembered);
    private readonly VerdictMemory _wrong = new(Remembered);
    private readonly Dictionary<Peer, (int Count, TimeSpan Last)> _guesses = [];
    private Check? _underWay;
    private bool _isOver;

    /// <summary>Creates the checker. Nothing runs until it is started.</summary>
    /// <param name="verify">Returns true if a password matches a hash: bcrypt.</param>
    public PasswordChecker(Func<string, ReadOnlySpan<byte>, bool> verify)
        : base("bcrypt") => _verify = verify;

    /// <summary>Checks a user and a password.</summary>
    /// <param name="credentials">User and password.</param>
    /// <param name="users">bcrypt hashes by user. Not empty.</param>
    /// <param name="peer">The peer that sent them.</param>
    public ValueTask<PasswordVerdict> CheckAsync(BasicCredentials credentials, IReadOnlyDictionary<string, string> users, Peer peer)
    {
        var isKnown = users.TryGetValue(credentials.User, out var hash);
        hash ??= users.Values.ElementAt(Digest(credentials.User, "", default).ToByteArray()[0] % users.Count);

        // no hash for an unknown user: two users may share a hash, and a removed one of them was right with it
        var id = Digest(credentials.User, isKnown ? hash : "", credentials.Password.Span);
        lock (_lock)
        {
            if (Remember(id) is { } verdict)
            {
                return ValueTask.FromResult(verdict);
            }

            var ofPeer = _waiting.Count(check => check.Peer == peer);
            if (_isOver || ofPeer >= MaxWaitingOfPeer)
            {
                return ValueTask.FromResult(PasswordVerdict.Busy);
            }

            var check = new Check(id, isKnown, hash, credentials.Password, peer, ofPeer, Now());
            _waiting.Add(check);
            if (_waiting.Count > MaxWaiting)
            {
                var last = _waiting.MaxBy(Order)!;
                _waiting.Remove(last);
                Guessed(last.Peer);
                last.Done.TrySetResult(PasswordVerdict.Busy);
            }

            _arrived.Set();
            return new ValueTask<PasswordVerdict>(check.Done.Task);
        }
    }

    /// <summary>
    /// Answers all waiting checks, and the running one too, because it may take longer than the daemon has to stop.
    /// </summary>
    /// <inheritdoc/>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _isOver = true;
            _waiting.ForEach(check => check.Done.TrySetResult(PasswordVerdict.Busy));
            _waiting.Clear();
            _underWay?.Done.TrySetResult(PasswordVerdict.Busy);
        }

        return base.StopAsync(new CancellationToken(canceled: true));
    }

    /// <inheritdoc/>
    protected override TimeSpan Patience => TimeSpan.Zero;

    /// <inheritdoc/>
    protected override void Run(CancellationToken stopping)
    {
        WaitHandle[] either = [stopping.WaitHandle, _arrived];
        var rested = TimeSpan.Zero;
        while (!stopping.IsCancellationRequested)
        {
            if (Next(rested - Now(), out var pause) is not { } check)
            {
                WaitHandle.WaitAny(either, pause);
                continue;
            }

            var started = ThreadCpuClock.Now();
            if (Decide(check) == PasswordVerdict.Wrong)
            {
                var now = Now();
                rested = (rested > now ? rested : now) + ((ThreadCpuClock.Now() - started) * RestFactor);
            }
        }
    }

    private static TimeSpan Now() => TimeProvider.System.GetElapsedTime(0);

    /// <summary>Returns the next check, if it may run now.</summary>
    /// <param name="debt">Rest that is owed.</param>
    /// <param name="pause">If no check may run: how long to wait.</param>
    private Check? Next(TimeSpan debt, out TimeSpan pause)
    {
        lock (_lock)
        {
            _underWay = null;
            if (_waiting.MinBy(Order) is not { } first)
            {
                pause = Timeout.InfiniteTimeSpan;
                return null;
            }

            pause = Order(first).Guesses == 0 ? debt - MaxDebt : debt;
            if (pause > TimeSpan.Zero)
            {
                return null;
            }

            _waiting.Remove(first);
            return _underWay = first;
        }
    }

    /// <summary>The smallest is checked first, the largest is rejected first. A waiting check counts as a guess.</summary>
    private (int Guesses, TimeSpan Age) Order(Check check)
    {
        _guesses.TryGetValue(check.Peer, out var known);
        return ((check.Arrived - known.Last < Forgotten ? known.Count : 0) + check.Ahead, -check.Arrived);
    }

    /// <summary>Counts a guess by a peer.</summary>
    private void Guessed(Peer peer)
    {
        var now = Now();
        _guesses.TryGetValue(peer, out var known);
        _guesses[peer] = ((now - known.Last < Forgotten ? known.Count : 0) + 1, now);
        if (_guesses.Count > MaxGuessers)
        {
            _guesses.Remove(_guesses.MinBy(guesser => guesser.Value.Last).Key);
        }
    }

    private PasswordVerdict Decide(Check check)
    {
        var isRight = _verify(check.Hash, check.Password.Span) & check.IsKnown;
        var verdict = isRight ? PasswordVerdict.Right : PasswordVerdict.Wrong;
        lock (_lock)
        {
            (isRight ? _right : _wrong).Add(check.Id);
            if (isRight)
            {
                _guesses.Remove(check.Peer);
            }
            else
            {
                Guessed(check.Peer);
            }

            // a browser sends several requests at once, and two scrapers may have the same password
            foreach (var same in _waiting.Where(waiting => waiting.Id == check.Id).Append(check).ToArray())
            {
                _waiting.Remove(same);
                same.Done.TrySetResult(verdict);
            }
        }

        return verdict;
    }

    private PasswordVerdict? Remember(Guid id) => _right.Contains(id) ? PasswordVerdict.Right : _wrong.Contains(id) ? PasswordVerdict.Wrong : null;

    /// <summary>Returns the digest under which a user, a hash and a password are remembered.</summary>
    private Guid Digest(string user, string hash, ReadOnlySpan<byte> password)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key.Value);
        var name = Encoding.UTF8.GetBytes(user);
        hmac.AppendData(BitConverter.GetBytes(name.Length));
        hmac.AppendData(name);
        hmac.AppendData(Encoding.ASCII.GetBytes(hash));
        hmac.AppendData(password);
        return new Guid(hmac.GetHashAndReset().AsSpan(0, 16));
    }

    private sealed record Check(Guid Id, bool IsKnown, string Hash, ReadOnlyMemory<byte> Password, Peer Peer, int Ahead, TimeSpan Arrived)
    {
        public TaskCompletionSource<PasswordVerdict> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>A set that removes its oldest member to make room for a new one.</summary>
    private sealed class VerdictMemory(int capacity)
    {
        private readonly HashSet<Guid> _known = new(capacity);
        private readonly Queue<Guid> _order = new(capacity);

        public bool Contains(Guid id) => _known.Contains(id);

        public void Add(Guid id)
        {
            if (!_known.Add(id))
            {
                return;
            }

            _order.Enqueue(id);
            if (_order.Count > capacity)
            {
                _known.Remove(_order.Dequeue());
            }
        }
    }
}
