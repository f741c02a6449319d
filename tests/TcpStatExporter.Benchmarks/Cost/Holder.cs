using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>
/// A child process that holds part of the population: loopback connections to its own listener, which does not accept them,
/// so each descriptor is two sockets in ESTABLISHED.
/// </summary>
internal static class Holder
{
    /// <summary>Name of the command.</summary>
    public const string Name = "hold";

    /// <summary>Connections per holder. Fewer than the descriptors that an unprivileged process may have.</summary>
    public const int MostConnections = 16_000;

    /// <summary>Connects, prints a line, and holds the connections until its input ends.</summary>
    /// <param name="arguments">The command, the number of the holder (from 0), and the number of connections.</param>
    /// <returns>0.</returns>
    public static int Run(string[] arguments)
    {
        var number = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        var connections = new Socket[int.Parse(arguments[2], CultureInfo.InvariantCulture)];
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(new IPAddress([127, 1, (byte)(number / 250), (byte)(1 + (number % 250))]), 80));
        listener.Listen(connections.Length);
        for (var i = 0; i < connections.Length; i++)
        {
            connections[i] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            connections[i].Connect(listener.LocalEndPoint!);
        }

        Console.WriteLine("connected");
        _ = Console.In.ReadToEnd();
        GC.KeepAlive(connections);
        return 0;
    }
}
