using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Shouldly;
using TcpStatExporter.Web;
using Xunit;

namespace TcpStatExporter.Tests.Web;

/// <summary>The checker with a fake bcrypt whose hash is the password itself.</summary>
public sealed class PasswordCheckerTests : IAsyncLifetime
{
    private static readonly Dictionary<string, string> Users = new(StringComparer.Ordinal) { ["ann"] = "secret", ["bob"] = "hidden" };

    private readonly ConcurrentQueue<string> _checked = new();
    private readonly PasswordChecker _passwords;
    private volatile bool _isHeld;

    public PasswordCheckerTests() => _passwords = new PasswordChecker(Verify);

    public async ValueTask InitializeAsync() => await _passwords.StartAsync(CancellationToken.None);

    public ValueTask DisposeAsync()
    {
        _isHeld = false;
        _passwords.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Right_and_wrong_cost_one_check_each_and_are_remembered()
    {
        for (var i = 0; i < 3; i++)
        {
            (await Check("ann", "secret")).ShouldBe(PasswordVerdict.Right);
            (await Check("ann", "hidden")).ShouldBe(PasswordVerdict.Wrong);
            (await Check("bob", "hidden")).ShouldBe(PasswordVerdict.Right);
        }

        _checked.ShouldBe(["secret", "secret", "hidden"]);
    }

    [Fact]
    public async Task An_unknown_user_is_checked_against_a_known_hash_and_always_rejected()
    {
        (await Check("eve", "secret")).ShouldBe(PasswordVerdict.Wrong);
        (await Check("eve", "hidden")).ShouldBe(PasswordVerdict.Wrong);
        _checked.Count.ShouldBe(2);
        _checked.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem().ShouldBeOneOf("secret", "hidden");
        (await Check("eve", "secret")).ShouldBe(PasswordVerdict.Wrong);
        _checked.Count.ShouldBe(2, "remembered as a known one's");
    }

    [Fact]
    public async Task A_new_hash_is_a_new_check()
    {
        (await Check("ann", "secret")).ShouldBe(PasswordVerdict.Right);
        (await Check("ann", "secret", new Dictionary<string, string>(StringComparer.Ordinal) { ["ann"] = "changed" })).ShouldBe(PasswordVerdict.Wrong);
    }

    [Fact]
    public async Task A_removed_user_is_rejected_even_if_another_has_the_same_hash()
    {
        var both = new Dictionary<string, string>(StringComparer.Ordinal) { ["ann"] = "secret", ["bob"] = "secret" };
        (await Check("ann", "secret", both)).ShouldBe(PasswordVerdict.Right);
        both.Remove("ann");
        (await Check("ann", "secret", both)).ShouldBe(PasswordVerdict.Wrong);
        both.Add("ann", "secret");
        (await Check("ann", "secret", both)).ShouldBe(PasswordVerdict.Right);
    }

    [Fact]
    public async Task Guesses_push_out_guesses_but_not_known_users()
    {
        (await Check("ann", "secret")).ShouldBe(PasswordVerdict.Right);
        for (var i = 0; i < 150; i++)
        {
            (await Check("ann", $"guess {i}")).ShouldBe(PasswordVerdict.Wrong);
        }

        var before = _checked.Count;
        (await Check("ann", "secret")).ShouldBe(PasswordVerdict.Right);
        _checked.Count.ShouldBe(before);
        (await Check("ann", "guess 149")).ShouldBe(PasswordVerdict.Wrong);
        _checked.Count.ShouldBe(before);
        (await Check("ann", "guess 0")).ShouldBe(PasswordVerdict.Wrong);
        _checked.Count.ShouldBe(before + 1, "the oldest is forgotten");
    }

    [Fact]
    public async Task A_peer_may_have_four_waiting_checks_and_the_same_password_is_checked_once()
    {
        _isHeld = true;
        var first = UnderWay();
        var waiting = Enumerable.Range(0, 6).Select(_ => Check("ann", "secret").AsTask()).ToArray();
        waiting.Count(check => check.IsCompleted).ShouldBe(6 - PasswordChecker.MaxWaitingOfPeer);
        (await Task.WhenAll(waiting.Where(check => check.IsCompleted))).ShouldAllBe(verdict => verdict == PasswordVerdict.Busy);

        _isHeld = false;
        (await first).ShouldBe(PasswordVerdict.Wrong);
        (await Task.WhenAll(waiting[..PasswordChecker.MaxWaitingOfPeer])).ShouldAllBe(verdict => verdict == PasswordVerdict.Right);
        _checked.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(500)]
    public async Task The_first_login_of_a_client_passes_a_crowd_that_guesses(int crowd)
    {
        _isHeld = true;
        var first = UnderWay();
        var guesses = Guess(crowd, "guess");
        var login = Check("ann", "secret", peer: "198.51.100.7").AsTask();

        // rejected clients come back again and again
        guesses = [.. guesses, .. Guess(crowd, "again"), .. Guess(crowd, "and again")];
        login.IsCompleted.ShouldBeFalse("it waits, however full the queue is");
        guesses.Count(guess => !guess.IsCompleted).ShouldBe(PasswordChecker.MaxWaiting - 1);

        _isHeld = false;
        (await first).ShouldBe(PasswordVerdict.Wrong);
        (await login.WaitAsync(TimeSpan.FromMinutes(1))).ShouldBe(PasswordVerdict.Right);
        _checked.ElementAt(1).ShouldBe("secret", "nobody is checked before");

        Task<PasswordVerdict>[] Guess(int peers, string password) =>
        [
            .. Enumerable.Range(0, peers * 4).Select(i => Check("bob", $"{password} {i}", peer: $"192.0.{i % peers / 250}.{i % peers % 250}").AsTask()),
        ];
    }

    [Fact]
    public async Task Waiting_clients_are_answered_at_shutdown_even_during_a_check()
    {
        _isHeld = true;
        var first = UnderWay();
        var waiting = Enumerable.Range(0, 3).Select(i => Check("ann", $"{i}").AsTask()).ToArray();
        await _passwords.StopAsync(CancellationToken.None);
        _passwords.Dispose();
        (await Task.WhenAll([first, .. waiting]).WaitAsync(TimeSpan.FromMinutes(1))).ShouldAllBe(verdict => verdict == PasswordVerdict.Busy);
        (await Check("ann", "late")).ShouldBe(PasswordVerdict.Busy);
    }

    private Task<PasswordVerdict> UnderWay()
    {
        var first = Check("bob", "under way").AsTask();
        SpinWait.SpinUntil(() => !_checked.IsEmpty, TimeSpan.FromMinutes(1)).ShouldBeTrue();
        return first;
    }

    private bool Verify(string hash, ReadOnlySpan<byte> password)
    {
        _checked.Enqueue(hash);
        SpinWait.SpinUntil(() => !_isHeld);
        return Encoding.UTF8.GetString(password) == hash;
    }

    private ValueTask<PasswordVerdict> Check(string user, string password, IReadOnlyDictionary<string, string>? users = null, string peer = "127.0.0.1") =>
        _passwords.CheckAsync(new BasicCredentials(user, Encoding.UTF8.GetBytes(password)), users ?? Users, Peer.Of(IPAddress.Parse(peer)));
}
