using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>
/// A child process that creates network namespaces and holds the sockets in them: three listeners and five connections each. They
/// are thousands of open files. The sandbox ends it.
/// </summary>
internal static partial class NetnsHolder
{
    /// <summary>Name of the command.</summary>
    public const string Name = "netns-holder";

    private const int Listeners = 3;
    private const int Connections = 5;
    private const int Port = 20_000;

    /// <summary>Creates namespaces, and returns one process in each.</summary>
    /// <param name="first">Number of the first one.</param>
    /// <param name="last">Number after that of the last one.</param>
    /// <param name="names">
    /// Folder for their names, by which the exporter gives each an account of its own. The mounts are gone with the sandbox.
    /// </param>
    /// <param name="overflows">Whether the accept queue of one listener in the first namespace overflows all the time.</param>
    public static int[] Start(int first, int last, string names, bool overflows = false)
    {
        string[] arguments = [.. Sandbox.Self, Name, $"{first}", $"{last}", names, $"{overflows}"];
        var holder = Process.Start(new ProcessStartInfo(arguments[0], arguments[1..]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        return [.. Enumerable.Range(first, last - first).Select(_ => int.Parse(holder.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture))];
    }

    /// <summary>Runs the command.</summary>
    /// <param name="args">The command, and the arguments of <see cref="Start"/>.</param>
    /// <returns>Never.</returns>
    public static int Run(string[] args)
    {
        var held = new List<Socket>();
        var (first, last) = (int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture));
        for (var number = first; number < last; number++)
        {
            var pid = Create(held, Path.Combine(args[3], string.Create(CultureInfo.InvariantCulture, $"n{number}")));
            if (number == first && bool.Parse(args[4]))
            {
                new Thread(() => Overflow(held, pid)).Start();
            }

            Console.WriteLine(pid.ToString(CultureInfo.InvariantCulture));
        }

        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    /// <summary>Starts a process in a namespace of its own, with sockets that this process holds, and returns its id.</summary>
    private static int Create(List<Socket> held, string name)
    {
        File.WriteAllText(name, "");
        using var process = Process.Start(new ProcessStartInfo("unshare", ["--net", "sh", "-c", "ip link set lo up; mount --bind /proc/self/ns/net $0; echo up; exec sleep 1000000", name]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        process.StandardOutput.ReadLine();
        var inside = new Thread(() =>
        {
            Enter(process.Id);
            var listeners = Enumerable.Range(0, Listeners).Select(i => Listen(Port + i, backlog: 128)).ToArray();
            held.AddRange(listeners);
            for (var i = 0; i < Connections; i++)
            {
                held.Add(Connect(Port));
                held.Add(listeners[0].Accept());
            }
        });
        inside.Start();
        inside.Join();
        return process.Id;
    }

    /// <summary>Replaces a listener by one that never accepts, and connects to it every second.</summary>
    private static void Overflow(List<Socket> held, int pid)
    {
        Enter(pid);
        var port = Port + Listeners - 1;
        held[Listeners - 1].Dispose();
        using var listener = Listen(port, backlog: 1);
        var clients = new Queue<Socket>([Connect(port), Connect(port)]);
        while (true)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            clients.Enqueue(client);
            try
            {
                client.Connect(IPAddress.Loopback, port);
            }
            catch (SocketException)
            {
                // under way: the kernel drops its SYN
            }

            if (clients.Count > 100)
            {
                clients.Dequeue().Dispose();
            }

            Thread.Sleep(250);
        }
    }

    private static Socket Listen(int port, int backlog)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Any, port));
        listener.Listen(backlog);
        return listener;
    }

    private static Socket Connect(int port)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(IPAddress.Loopback, port);
        return client;
    }

    /// <summary>Moves this thread into the network namespace of a process.</summary>
    private static void Enter(int pid)
    {
        using var place = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net"));
        if (SetNamespace(place, 0x4000_0000) != 0)
        {
            throw new InvalidOperationException("setns");
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(Microsoft.Win32.SafeHandles.SafeFileHandle file, int type);
}
