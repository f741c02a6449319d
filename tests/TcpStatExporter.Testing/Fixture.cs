namespace TcpStatExporter.Testing;

/// <summary>Files below tests/Fixtures, in the source tree, so that a golden file can be written as well as read.</summary>
internal static class Fixture
{
    /// <summary>The captured host that holds sockets in every state that can be held.</summary>
    public const string TenStates = "hosts/debian12-linux6.18-ten-states";

    /// <summary>The captured host that does nothing and has no IPv6.</summary>
    public const string Idle = "hosts/debian12-linux6.18-idle-no-ipv6";

    /// <summary>A host in gVisor's form: sockets in the order in which they were made.</summary>
    public const string Gvisor = "hosts/gvisor-creation-order";

    /// <summary>A host with UDP receivers that nobody reads, and the files of UDP.</summary>
    public const string Udp = "hosts/debian12-linux6.18-udp";

    /// <summary>What connection tracking shows of a network namespace whose table is full, and nothing else.</summary>
    public const string FullConntrack = "hosts/debian12-linux6.18-conntrack-full";

    /// <summary>Full path of a fixture.</summary>
    /// <param name="name">Path below tests/Fixtures.</param>
    public static string Path(string name) => Repository.Path($"tests/Fixtures/{name}");

    /// <summary>Content of a fixture.</summary>
    /// <param name="name">Path below tests/Fixtures.</param>
    public static byte[] Bytes(string name) => File.ReadAllBytes(Path(name));
}
