using TcpStatExporter.Benchmarks.Cost;

namespace TcpStatExporter.Benchmarks;

/// <summary>Measures the cost of judging one sample with all rules, by number of listeners. No listener has a problem.</summary>
internal static class JudgeCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "judge";

    private const string ListenersFlag = "--listeners";

    /// <summary>Number of judgements before the code has its final compilation.</summary>
    private const int WarmUp = 600;

    private const int Rounds = 400;

    /// <summary>Its flags: the numbers of listeners, separated by commas.</summary>
    public static string[] Flags { get; } = [ListenersFlag];

    /// <summary>Runs the command.</summary>
    /// <param name="flags">Its flags.</param>
    /// <returns>0 if 50 listeners stay within the limit, or were not requested.</returns>
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
