using TcpStatExporter.Benchmarks.Cost;

namespace TcpStatExporter.Benchmarks.Memory;

/// <summary>Resident memory of published exporters that sample each second and are scraped each second, beside node_exporter.</summary>
internal static class MemoryCommand
{
    /// <summary>The command that runs it.</summary>
    public const string Name = "memory";

    private const string MinutesFlag = "--minutes";
    private const string ExporterFlag = "--exporter";

    /// <summary>Flags that it knows.</summary>
    public static string[] Flags { get; } = [MinutesFlag, ExporterFlag];

    /// <summary>Runs it.</summary>
    /// <param name="flags">Its flags.</param>
    /// <returns>0.</returns>
    public static int Run(Flags flags)
    {
        var duration = TimeSpan.FromMinutes(flags.Numbers(MinutesFlag, 10)[0]);
        Server[] servers = [.. flags.Text(ExporterFlag, "").Split(',').Select(Server.Exporter), Server.NodeExporter()];
        var start = TimeProvider.System.GetTimestamp();
        var cpu = servers.Select(server => server.Cpu).ToArray();
        var scrapes = 0;
        for (var elapsed = TimeSpan.Zero; elapsed < duration; elapsed = TimeProvider.System.GetElapsedTime(start))
        {
            Array.ForEach(servers, server => _ = server.Scrape());
            scrapes++;
            if (scrapes == 60)
            {
                Print(servers, cpu, elapsed, scrapes);
            }

            Thread.Sleep(TimeSpan.FromSeconds(1));
        }

        Print(servers, cpu, TimeProvider.System.GetElapsedTime(start), scrapes);
        Array.ForEach(servers, server => server.Dispose());
        return 0;
    }

    private static void Print(Server[] servers, TimeSpan[] cpu, TimeSpan elapsed, int scrapes)
    {
        Console.WriteLine($"After {elapsed.TotalMinutes:0.0} minutes and {scrapes} scrapes");
        Console.WriteLine();
        var table = new Table("program", "RSS MB", "PSS MB", "CPU % of a core");
        for (var i = 0; i < servers.Length; i++)
        {
            var server = servers[i];
            table.Add(server.Name, $"{server.Megabytes("Rss"):0.0}", $"{server.Megabytes("Pss"):0.0}", $"{(server.Cpu - cpu[i]) / elapsed * 100:0.00}");
        }

        table.Print();
    }
}
