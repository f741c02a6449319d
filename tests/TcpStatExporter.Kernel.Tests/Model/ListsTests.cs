using Shouldly;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.Model;

public sealed class ListsTests
{
    [Fact]
    public void A_list_keeps_its_memory_and_copies_its_elements()
    {
        var list = new ValueList<long>();
        for (var i = 0; i < 100; i++)
        {
            list.Add(i);
        }

        var copy = new ValueList<long>();
        copy.Add(7);
        list.CopyTo(copy);
        copy.Span.ToArray().ShouldBe(Enumerable.Range(0, 100).Select(i => (long)i));

        list.Clear();
        list.Count.ShouldBe(0);
        Allocated.By(() =>
        {
            list.Clear();
            for (var i = 0; i < 100; i++)
            {
                list.Add() = i;
            }

            list.CopyTo(copy);
        }).ShouldBe(0);
    }

    [Fact]
    public void A_copy_of_a_table_of_counters_takes_new_names_only_when_there_are_any()
    {
        var table = new CounterTable();
        table.SetNames(["A", "B"]);
        table.Values[1] = 5;
        var copy = new CounterTable();
        table.CopyTo(copy);
        var names = copy.Names;
        table.Values[0] = 6;
        table.CopyTo(copy);
        (copy.Names == names).ShouldBeTrue("the same memory");
        copy.Values.ToArray().ShouldBe([6ul, 5ul]);
        copy.IndexOf("B").ShouldBe(1);
        copy.IndexOf("C").ShouldBe(-1);

        table.SetNames(["B"]);
        table.CopyTo(copy);
        copy.Names.ToArray().ShouldBe(["B"]);
        copy.Values.ToArray().ShouldBe([0ul]);
    }

    /// <summary>Two parsers have an array of names each.</summary>
    [Fact]
    public void Names_of_another_parser_are_the_same_names()
    {
        var table = new CounterTable();
        table.SetNames(["A", "B"]);
        table.Values[1] = 5;
        var other = new CounterTable();
        other.SetNames(["A", "B"]);
        table.TakeNames(other);
        table.Values.ToArray().ShouldBe([0ul, 5ul]);

        other.SetNames(["A", "C"]);
        table.TakeNames(other);
        table.Names.ToArray().ShouldBe(["A", "C"]);
        table.Values.ToArray().ShouldBe([0ul, 0ul]);
    }
}
