using System.Security.Cryptography;
using System.Text;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Web;

/// <summary>
/// Checks passwords, one bcrypt at a time on a thread of its own, so that a guesser has neither the thread pool nor more
/// than a fifth of one core: after a wrong password the thread rests four times as long as it ran.
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
    /// <summary>Checks that may wait, all in all.</summary>
    public const int MaxWaiting = 32;

    /// <summary>Checks of one peer that may wait.</summary>
    public const int MaxWaitingOfPeer = 4;

    private const int Remembered = 100;
    private const int RestFactor = 4;

    private readonly Func<string, ReadOnlySpan<byte>, bool> _verify;
    private readonly Lazy<byte[]> _key = new(static () => RandomNumberGenerator.GetBytes(32));
    private readonly AutoResetEvent _arrived = new(initialState: false);
    private readonly Lock _lock = new();
    private readonly List<Check> _waiting = [];
    private readonly VerdictMemory _right = new(Remembered);
    private readonly VerdictMemory _wrong = new(Remembered);

    /// <summary>Makes the checker; it begins with <see cref="ThreadService.StartAsync"/>.</summary>
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

            if (_waiting.Count >= MaxWaiting || _waiting.Count(check => check.Peer == peer) >= MaxWaitingOfPeer)
            {
                return ValueTask.FromResult(PasswordVerdict.Busy);
            }

            var check = new Check(id, isKnown, hash, credentials.Password, peer);
            _waiting.Add(check);
            _arrived.Set();
            return new ValueTask<PasswordVerdict>(check.Done.Task);
        }
    }

    /// <inheritdoc/>
    protected override void Run(WaitHandle stopped)
    {
        WaitHandle[] either = [stopped, _arrived];
        while (WaitHandle.WaitAny(either) != 0)
        {
            while (Next() is { } check)
            {
                var started = ThreadCpuClock.Now();
                if (Decide(check) == PasswordVerdict.Wrong && stopped.WaitOne((ThreadCpuClock.Now() - started) * RestFactor))
                {
                    break;
                }
            }
        }

        lock (_lock)
        {
            _waiting.ForEach(check => check.Done.SetResult(PasswordVerdict.Busy));
            _waiting.Clear();
        }
    }

    private Check? Next()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                return null;
            }

            var first = _waiting[0];
            _waiting.RemoveAt(0);
            return first;
        }
    }

    private PasswordVerdict Decide(Check check)
    {
        PasswordVerdict? verdict;
        lock (_lock)
        {
            // two scrapers came with the same password
            verdict = Remember(check.Id);
        }

        if (verdict is null)
        {
            var isRight = _verify(check.Hash, check.Password.Span) & check.IsKnown;
            verdict = isRight ? PasswordVerdict.Right : PasswordVerdict.Wrong;
            lock (_lock)
            {
                (isRight ? _right : _wrong).Add(check.Id);
            }
        }

        check.Done.SetResult(verdict.Value);
        return verdict.Value;
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

    private sealed record Check(Guid Id, bool IsKnown, string Hash, ReadOnlyMemory<byte> Password, Peer Peer)
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
