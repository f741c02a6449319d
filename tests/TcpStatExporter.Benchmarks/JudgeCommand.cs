using TcpStatExporter.Benchmarks.Cost;

namespace TcpStatExporter.Benchmarks;

/// <summary>What it costs to judge one sample by all rules, by how many listeners there are. None of them is in trouble.</summary>
internal static class JudgeCommand
{
    /// <summary>The command that runs it.</summary>
    public const string Name = "judge";

    private const string ListenersFlag = "--listeners";

    /// <summary>Judgements until the code is compiled as it stays.</summary>
    private const int WarmUp = 600;

    private const int Rounds = 400;

    /// <summary>Flags that it knows: how many listeners, between commas.</summary>
    public static string[] Flags { get; } = [ListenersFlag];

    /// <summary>Runs it.</summary>
    /// <param name="flags">Its flags.</param>
    /// <returns>0 where 50 listeners cost no more than they may, or were not asked for.</returns>
    public static int Run(Flags flags)
    {
        var table = new Table("listeners", "CPU, µs a judgement", "the dearest of a hundred");
        var goals = new Goals();
        foreach (var listeners in flags.Numbers(ListenersFlag, 3, 50, 256))
        {
            using var set = new ListenerSet((int)listeners);
            using var ticks = new Ticks();
            var cpu = new List<double>();
            for (var round = 0; round < WarmUp + Rounds; round++)
            {
                ticks.Tick();
                var used = ticks.Judge();
                if (round >= WarmUp)
                {
                    cpu.Add(used.TotalMicroseconds);
                }
            }

            var median = Median.Of(cpu);
            cpu.Sort();
            table.Add($"{listeners:N0}", $"{median:0}", $"{cpu[Rounds * 99 / 100]:0}");
            if (listeners == 50)
            {
                goals.AtMost(200, median, "judging a sample with 50 listeners", "µs");
            }
        }

        table.Print();
        goals.Print();
        return goals.ExitCode;
    }
}
