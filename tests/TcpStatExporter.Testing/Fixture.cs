namespace TcpStatExporter.Testing;

/// <summary>Files below tests/Fixtures in the source tree, so golden files can be written as well as read.</summary>
internal static class Fixture
{
    /// <summary>A captured host with sockets in every state that lasts.</summary>
    public const string TenStates = "hosts/debian12-linux6.18-ten-states";

    /// <summary>A captured host that is idle and has no IPv6.</summary>
    public const string Idle = "hosts/debian12-linux6.18-idle-no-ipv6";

    /// <summary>A host in the format of gVisor: sockets in creation order.</summary>
    public const string Gvisor = "hosts/gvisor-creation-order";

    /// <summary>A host with UDP receivers that nobody reads, including the UDP files.</summary>
    public const string Udp = "hosts/debian12-linux6.18-udp";

    /// <summary>A network namespace with a full connection tracking table, and no other files.</summary>
    public const string FullConntrack = "hosts/debian12-linux6.18-conntrack-full";

    /// <summary>Returns the full path of a fixture.</summary>
    /// <param name="name">Path below tests/Fixtures.</param>
    public static string Path(string name) => Repository.Path($"tests/Fixtures/{name}");

    /// <summary>Returns the content of a fixture.</summary>
    /// <param name="name">Path below tests/Fixtures.</param>
    public static byte[] Bytes(string name) => File.ReadAllBytes(Path(name));
}
