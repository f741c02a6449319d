using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// More connections to one destination than ip_local_port_range has ports: connect(2) fails with EADDRNOTAVAIL, while another
/// destination can still be reached. No counter changes.
/// </summary>
internal sealed class PortExhaustion : Fault
{
    private const int FirstPort = 40000;
    private const int Backlog = 4096;

    /// <summary>Creates the connections.</summary>
    /// <param name="ns">The namespace. Its ip_local_port_range is set.</param>
    /// <param name="ports">Number of ports in the range.</param>
    /// <param name="connects">Number of connection attempts.</param>
    public PortExhaustion(NetNamespace ns, int ports = 10, int connects = 15)
    {
        Build(ns, () =>
        {
            // bound before the range is set, so they take none of these ports
            var busy = Keep(KernelSocket.Listener(IPAddress.Loopback, Backlog, FirstPort - 1));
            var other = Keep(KernelSocket.Listener(IPAddress.Loopback, Backlog, FirstPort - 2));
            ns.SetSysctl("net.ipv4.ip_local_port_range", $"{FirstPort} {FirstPort + ports - 1}");
            Destination = busy.LocalEndPoint;
            OtherDestination = other.LocalEndPoint;
            for (var i = 0; i < connects; i++)
            {
                var error = Keep(KernelSocket.Tcp()).TryConnect(Destination);
                switch (error)
                {
                    case 0:
                        Connected++;
                        Keep(busy.Accept());
                        break;
                    case Libc.EAddrNotAvail:
                        Refused++;
                        break;
                    default:
                        throw new InvalidOperationException($"connect: error {error}");
                }
            }
        });
    }

    /// <summary>The destination that uses every port.</summary>
    public IPEndPoint Destination { get; private set; } = null!;

    /// <summary>A destination that nobody uses.</summary>
    public IPEndPoint OtherDestination { get; private set; } = null!;

    /// <summary>Number of established connections.</summary>
    public int Connected { get; private set; }

    /// <summary>Number of attempts that failed with EADDRNOTAVAIL.</summary>
    public int Refused { get; private set; }
}
