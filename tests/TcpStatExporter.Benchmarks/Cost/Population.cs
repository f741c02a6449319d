using System.Diagnostics;
using System.Globalization;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>Sockets in ESTABLISHED, held by child processes.</summary>
internal sealed class Population : IDisposable
{
    private readonly List<Process> _holders = [];

    /// <summary>Number of sockets in ESTABLISHED: two per connection, one for each end.</summary>
    public int Sockets { get; private set; }

    /// <summary>Adds sockets.</summary>
    /// <param name="sockets">The new total. Not less than the current one.</param>
    public void GrowTo(int sockets)
    {
        var started = new List<Process>();
        while (Sockets < sockets)
        {
            var connections = Math.Min(Holder.MostConnections, (sockets - Sockets + 1) / 2);
            started.Add(Start(_holders.Count, connections));
            Sockets += 2 * connections;
        }

        foreach (var holder in started)
        {
            if (holder.StandardOutput.ReadLine() is null)
            {
                throw new InvalidOperationException("a holder of connections failed");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var holder in _holders)
        {
            holder.StandardInput.Close();
            holder.WaitForExit();
            holder.Dispose();
        }
    }

    private Process Start(int number, int connections)
    {
        var self = Sandbox.Self;
        var start = new ProcessStartInfo(
            self[0],
            [.. self[1..], Holder.Name, number.ToString(CultureInfo.InvariantCulture), connections.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var holder = Process.Start(start)!;
        _holders.Add(holder);
        return holder;
    }
}
