using System.Security.Cryptography;
using System.Text;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Web;

/// <summary>
/// Checks passwords, one bcrypt at a time on a thread of its own, so that a guesser has neither the thread pool nor, in
/// the long run, more than a fifth of one core: for a wrong password the thread rests four times as long as it ran.
/// <para>
/// Who guessed least goes first, and among equals who came last: a client that comes with its password for the first
/// time passes a crowd that guesses, whose members have each been wrong or turned away before. It does not wait for the
/// rest either, which is then made up for, up to <see cref="MaxDebt"/>.
/// </para>
/// <para>
/// What was checked is remembered, right and wrong apart, so that neither a scrape a second nor a client with an old
/// password costs a bcrypt each time, and no number of guesses makes it forget who is known. A password is remembered as
/// a digest under a key of this process only, together with the hash it was checked against: a new hash is a new check.
/// </para>
/// <para>
/// An unknown user is checked against the hash of a known one, chosen by the name, and is wrong whatever comes out: it
/// costs what a known one costs.
/// </para>
/// </summary>
internal sealed class PasswordChecker : ThreadService
{
    /// <summary>Checks that may wait, all in all; one more has the last in the queue turned away.</summary>
    public const int MaxWaiting = 128;

    /// <summary>Checks of one peer that may wait.</summary>
    public const int MaxWaitingOfPeer = 4;

    /// <summary>Peers whose guesses are counted.</summary>
    private const int MaxGuessers = 4096;

    private const int Remembered = 100;
    private const int RestFactor = 4;

    /// <summary>Rest that may be owed when a newcomer is checked.</summary>
    private static readonly TimeSpan MaxDebt = TimeSpan.FromSeconds(10);

    /// <summary>Time after which a peer that has not been wrong again is like one that never was.</summary>
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

    /// <summary>Makes the checker; it begins with its start.</summary>
    /// <param name="verify">Whether a password is that of a hash: bcrypt.</param>
    public PasswordChecker(Func<string, ReadOnlySpan<byte>, bool> verify)
        : base("bcrypt") => _verify = verify;

    /// <summary>Checks a user and a password.</summary>
    /// <param name="credentials">The two.</param>
    /// <param name="users">bcrypt hashes by user; not empty.</param>
    /// <param name="peer">Whose connection they came by.</param>
    public ValueTask<PasswordVerdict> CheckAsync(BasicCredentials credentials, IReadOnlyDictionary<string, string> users, Peer peer)
    {
        var isKnown = users.TryGetValue(credentials.User, out var hash);
        hash ??= users.Values.ElementAt(Digest(credentials.User, "", default).ToByteArray()[0] % users.Count);

        // without the hash: two users may share one, and the one of them who is gone was right with it
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

    /// <summary>Answers all that wait, the check under way too, which may take longer than the daemon has to end.</summary>
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
    protected override void Run(WaitHandle stopped)
    {
        WaitHandle[] either = [stopped, _arrived];
        var rested = TimeSpan.Zero;
        while (!stopped.WaitOne(TimeSpan.Zero))
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

    /// <summary>The check that is next, if it may be made now.</summary>
    /// <param name="debt">Rest that is owed.</param>
    /// <param name="pause">Where there is none: how long to wait for one.</param>
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

    /// <summary>The least is the first to be checked, the most the first to be turned away. A check that waits counts as a guess.</summary>
    private (int Guesses, TimeSpan Age) Order(Check check)
    {
        _guesses.TryGetValue(check.Peer, out var known);
        return ((check.Arrived - known.Last < Forgotten ? known.Count : 0) + check.Ahead, -check.Arrived);
    }

    /// <summary>Counts a guess of a peer.</summary>
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

            // a browser asks for several things at once, and two scrapers may have the same password
            foreach (var same in _waiting.Where(waiting => waiting.Id == check.Id).Append(check).ToArray())
            {
                _waiting.Remove(same);
                same.Done.TrySetResult(verdict);
            }
        }

        return verdict;
    }

    private PasswordVerdict? Remember(Guid id) => _right.Contains(id) ? PasswordVerdict.Right : _wrong.Contains(id) ? PasswordVerdict.Wrong : null;

    /// <summary>What a user, a hash and a password are remembered by.</summary>
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

    /// <summary>A set that forgets its oldest member for a new one.</summary>
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
