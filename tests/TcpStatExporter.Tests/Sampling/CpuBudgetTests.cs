using Shouldly;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class CpuBudgetTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Must_be_positive(double percent) => Should.Throw<ArgumentOutOfRangeException>(() => new CpuBudget(percent));

    [Fact]
    public void What_a_part_spends_is_taken_from_the_whole()
    {
        var whole = new CpuBudget(1);
        var part = whole.Part(0.25);
        part.Share.ShouldBe(0.0025, 1e-12);
        whole.Accrue(TimeSpan.Zero);
        part.Accrue(TimeSpan.Zero);
        whole.Accrue(TimeSpan.FromSeconds(4));
        part.Accrue(TimeSpan.FromSeconds(4));
        (whole.Balance, part.Balance).ShouldBe((TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(10)));
        part.Spend(TimeSpan.FromMilliseconds(7));
        part.Balance.ShouldBe(TimeSpan.FromMilliseconds(3));
        whole.Accrue(TimeSpan.FromSeconds(5));
        whole.Balance.ShouldBe(TimeSpan.FromMilliseconds(47.5), "a quarter of what came in");
        whole.Accrue(TimeSpan.FromSeconds(6));
        whole.Accrue(TimeSpan.FromSeconds(7));
        whole.Balance.ShouldBe(TimeSpan.FromMilliseconds(63), "all of it is paid for");
        whole.Accrue(TimeSpan.FromSeconds(8));
        whole.Balance.ShouldBe(TimeSpan.FromMilliseconds(73));
    }

    /// <summary>One scan of a pod with a million sockets: the host's own dumps go on.</summary>
    [Fact]
    public void What_a_part_spends_at_once_leaves_the_rest_of_the_income()
    {
        var whole = new CpuBudget(1);
        var part = whole.Part(0.5);
        whole.Accrue(Second(0));
        whole.Accrue(Second(1));
        part.Spend(Milliseconds(2000));
        var spent = 0;
        for (var second = 2; second <= 101; second++)
        {
            whole.Accrue(Second(second));
            if (whole.CanPay(Milliseconds(10)))
            {
                whole.Spend(Milliseconds(10));
                spent += 10;
            }
        }

        spent.ShouldBe(510);
        part.Balance.ShouldBe(Milliseconds(-2000), "the part itself waits until it is paid for");
    }

    [Fact]
    public void Accumulates_for_at_most_ten_seconds()
    {
        var budget = new CpuBudget(1);
        budget.Accrue(Second(100));
        budget.Balance.ShouldBe(TimeSpan.Zero, "nothing has come in before the first call");
        budget.Accrue(Second(101));
        budget.Balance.ShouldBe(Milliseconds(10));
        budget.Accrue(Second(1000));
        budget.Balance.ShouldBe(Milliseconds(100));
    }

    [Fact]
    public void Pays_from_the_balance_and_lends_what_could_never_accumulate()
    {
        var budget = new CpuBudget(1);
        budget.Accrue(Second(0));
        budget.Accrue(Second(1));
        budget.CanPay(Milliseconds(10)).ShouldBeTrue();
        budget.CanPay(Milliseconds(11)).ShouldBeFalse();
        budget.Accrue(Second(10));
        budget.CanPay(Milliseconds(5000)).ShouldBeTrue();
        budget.Spend(Milliseconds(5000));
        budget.CanPay(Milliseconds(1)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(10, 60)] // a minute's budget
    [InlineData(1000, 2)] // two dumps
    public void Lends_urgent_dumps_up_to_one_minute_of_budget_or_two_dumps(int cost, int times)
    {
        var budget = new CpuBudget(1);
        budget.Accrue(Second(0));
        for (var i = 0; i < times; i++)
        {
            budget.CanBorrow(Milliseconds(cost)).ShouldBeTrue($"number {i}");
            budget.Spend(Milliseconds(cost));
        }

        budget.CanBorrow(Milliseconds(cost)).ShouldBeFalse();
        budget.Accrue(Second(1));
        budget.CanBorrow(Milliseconds(cost)).ShouldBeTrue("a little was paid back");
    }

    /// <summary>Whatever asks for dumps, and at any cost: over time they take no more than there is.</summary>
    [Theory]
    [InlineData(5, false, 5)]
    [InlineData(20, false, 10)]
    [InlineData(20, true, 10)]
    [InlineData(300, false, 10)]
    [InlineData(300, true, 10)]
    public void Is_kept(int cost, bool isUrgent, double millisecondsASecond)
    {
        const int Seconds = 10_000;
        var budget = new CpuBudget(1);
        double spent = 0;
        for (var second = 0; second < Seconds; second++)
        {
            budget.Accrue(Second(second));
            if (isUrgent ? budget.CanBorrow(Milliseconds(cost)) : budget.CanPay(Milliseconds(cost)))
            {
                budget.Spend(Milliseconds(cost));
                spent += cost;
            }
        }

        (spent / Seconds).ShouldBe(millisecondsASecond, 0.1);
    }

    [Theory]
    [InlineData(0, 1, 5)]
    [InlineData(0.01, 1, 5)]
    [InlineData(0.1, 1, 40)]
    [InlineData(2, 1, 800)]
    [InlineData(2, 100, 8)]
    [InlineData(1, 1e-10, 86_400)] // a budget of next to nothing is no reason to fail
    public void Sweeps_take_a_quarter_of_it(double costSeconds, double percent, double paceSeconds) =>
        new CpuBudget(percent).PaceOfSweep(TimeSpan.FromSeconds(costSeconds)).TotalSeconds.ShouldBe(paceSeconds, 1e-6);

    [Theory]
    [InlineData(0.1, 1, 10)]
    [InlineData(2, 100, 5)]
    public void Sweeps_can_have_their_own_budget(double costSeconds, double percent, double paceSeconds) =>
        new CpuBudget(1e-3, percent).PaceOfSweep(TimeSpan.FromSeconds(costSeconds)).TotalSeconds.ShouldBe(paceSeconds, 1e-6);

    [Theory]
    [InlineData(null, 300, 7.5)]
    [InlineData(null, 5, 9)]
    [InlineData(2.0, 300, 10)]
    public void Dumps_get_what_sweeps_leave(double? sweepPercent, int sweepCost, double millisecondsASecond)
    {
        var budget = new CpuBudget(1, sweepPercent);
        budget.PaceOfSweep(Milliseconds(sweepCost));
        budget.Accrue(Second(0));
        budget.Accrue(Second(1));
        budget.Balance.TotalMilliseconds.ShouldBe(millisecondsASecond, 0.001);
    }

    private static TimeSpan Second(int number) => TimeSpan.FromSeconds(number);

    private static TimeSpan Milliseconds(int number) => TimeSpan.FromMilliseconds(number);
}
