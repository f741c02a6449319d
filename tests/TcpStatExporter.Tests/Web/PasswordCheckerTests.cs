using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Shouldly;
using TcpStatExporter.Web;
using Xunit;

namespace TcpStatExporter.Tests.Web;

/// <summary>The checker over a stand-in of bcrypt whose hash is the password itself.</summary>
public sealed class PasswordCheckerTests : IAsyncLifetime, IDisposable
{
    private static readonly Dictionary<string, string> Users = new(StringComparer.Ordinal) { ["ann"] = "secret", ["bob"] = "hidden" };

    private readonly ConcurrentQueue<string> _checked = new();
    private readonly ManualResetEventSlim _go = new(initialState: true);
    private readonly PasswordChecker _passwords;

    public PasswordCheckerTests() => _passwords = new PasswordChecker(Verify);

    public Task InitializeAsync() => _passwords.StartAsync(CancellationToken.None);

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _go.Set();
        _passwords.Dispose();
        _go.Dispose();
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
    public async Task An_unknown_user_is_checked_against_a_known_ones_hash_and_wrong_whatever_comes_out()
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
    public async Task A_user_who_is_gone_is_wrong_though_another_has_the_same_hash()
    {
        var both = new Dictionary<string, string>(StringComparer.Ordinal) { ["ann"] = "secret", ["bob"] = "secret" };
        (await Check("ann", "secret", both)).ShouldBe(PasswordVerdict.Right);
        both.Remove("ann");
        (await Check("ann", "secret", both)).ShouldBe(PasswordVerdict.Wrong);
        both.Add("ann", "secret");
        (await Check("ann", "secret", both)).ShouldBe(PasswordVerdict.Right);
    }

    [Fact]
    public async Task Guesses_make_it_forget_guesses_and_not_who_is_known()
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
    public async Task A_peer_has_four_waiting_and_all_have_thirty_two_and_the_same_password_is_checked_once()
    {
        _go.Reset();
        var first = Check("ann", "under way").AsTask();
        SpinWait.SpinUntil(() => !_checked.IsEmpty, TimeSpan.FromMinutes(1)).ShouldBeTrue();

        var waiting = Enumerable.Range(0, 9).SelectMany(peer => Enumerable.Range(0, 5).Select(_ => Check("ann", "secret", peer: $"192.0.2.{peer}").AsTask())).ToArray();
        var turnedAway = waiting.Where(check => check.IsCompleted).ToArray();
        turnedAway.Length.ShouldBe((9 * 5) - PasswordChecker.MaxWaiting);
        waiting.Chunk(5).Take(8).ShouldAllBe(ofPeer => ofPeer.Count(check => !check.IsCompleted) == PasswordChecker.MaxWaitingOfPeer);
        (await Task.WhenAll(turnedAway)).ShouldAllBe(verdict => verdict == PasswordVerdict.Busy);

        _go.Set();
        (await first).ShouldBe(PasswordVerdict.Wrong);
        (await Task.WhenAll(waiting.Except(turnedAway))).ShouldAllBe(verdict => verdict == PasswordVerdict.Right);
        _checked.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Who_waits_at_the_end_is_told()
    {
        _go.Reset();
        var checks = Enumerable.Range(0, 3).Select(i => Check("ann", $"{i}").AsTask()).ToArray();
        SpinWait.SpinUntil(() => !_checked.IsEmpty, TimeSpan.FromMinutes(1)).ShouldBeTrue();
        await _passwords.StopAsync(CancellationToken.None);
        _go.Set();
        (await Task.WhenAll(checks).WaitAsync(TimeSpan.FromMinutes(1)))[1..].ShouldAllBe(verdict => verdict == PasswordVerdict.Busy);
    }

    private bool Verify(string hash, ReadOnlySpan<byte> password)
    {
        _checked.Enqueue(hash);
        _go.Wait();
        return Encoding.UTF8.GetString(password) == hash;
    }

    private ValueTask<PasswordVerdict> Check(string user, string password, IReadOnlyDictionary<string, string>? users = null, string peer = "127.0.0.1") =>
        _passwords.CheckAsync(new BasicCredentials(user, Encoding.UTF8.GetBytes(password)), users ?? Users, Peer.Of(IPAddress.Parse(peer)));
}
