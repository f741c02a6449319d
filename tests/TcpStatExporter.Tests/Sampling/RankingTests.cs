using Shouldly;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class RankingTests
{
    [Fact]
    public void Keeps_the_first_in_order_and_equals_as_they_came()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var all = Enumerable.Range(0, random.Next(40)).Select(number => new Item(random.Next(8), number)).ToArray();
            var max = random.Next(1, 10);
            var ranking = new Ranking<Item>(max);
            ranking.Add(new Item(9, -1));
            ranking.Clear();
            Array.ForEach(all, item => ranking.Add(item));

            Enumerable.Range(0, ranking.Count).Select(place => ranking[place]).ShouldBe(all.OrderByDescending(item => item.Weight).Take(max));
        }
    }

    private readonly record struct Item(int Weight, int Number) : IRanked<Item>
    {
        public bool Precedes(in Item other) => Weight > other.Weight;
    }
}
