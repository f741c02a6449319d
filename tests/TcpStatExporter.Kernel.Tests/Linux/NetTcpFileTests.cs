using System.Net;
using System.Net.Sockets;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Tests.Netlink;
using TcpStatExporter.Kernel.Tests.Procfs;
using TcpStatExporter.Kernel.Tests.SockDiag;
using Xunit;
using EveryState = TcpStatExporter.Testing.Lab.EveryState;

namespace TcpStatExporter.Kernel.Tests.Linux;

public sealed class NetTcpFileTests
{
    [Theory]
    [InlineData(Fixture.TenStates, "tcp")]
    [InlineData(Fixture.TenStates, "tcp6")]
    [InlineData(Fixture.Gvisor, "tcp")]
    [InlineData(Fixture.Gvisor, "tcp6")]
    public void Reads_every_row(string host, string name)
    {
        var fixture = $"{host}/proc/net/{name}";
        var sockets = new List<TcpSocket>();
        Read(Fixture.Path(fixture), KernelText.Family(name), sockets).ShouldBe(ReadResult.Ok);
        SocketList.Describe(sockets).ShouldBe(NaiveParser.Tcp(Fixture.Bytes(fixture)));
    }

    [Fact]
    public void Stops_when_the_visitor_has_enough()
    {
        var sockets = new List<TcpSocket>();
        var visitor = new SocketList(sockets, limit: 7);
        using var file = new NetTcpFile(Fixture.Path($"{Fixture.TenStates}/proc/net/tcp"), IpFamily.IPv4);
        for (var pass = 1; pass <= 2; pass++)
        {
            file.Read(ref visitor).ShouldBe(ReadResult.Ok);
            sockets.Count.ShouldBe(7);
            sockets.ShouldAllBe(socket => socket.State == TcpState.Listen);
            sockets.Clear();
        }
    }

    [Theory]
    [InlineData("tcp.empty", SourceError.Empty)]
    [InlineData("tcp.garbage", SourceError.Malformed)]
    [InlineData("tcp.truncated-line", SourceError.Truncated)]
    [InlineData("tcp.no-newline", SourceError.Truncated)]
    [InlineData("tcp.long-line", SourceError.Malformed)]
    [InlineData("tcp.twenty-digit-inode", SourceError.NumberOutOfRange)]
    public void Names_what_went_wrong(string fixture, SourceError expected) =>
        Read(Fixture.Path($"broken/{fixture}"), IpFamily.IPv4, []).ShouldBe(ReadResult.Failed(expected));

    [Theory]
    [InlineData("/proc/net/no-such-file", SourceError.NotFound)]
    [InlineData("/proc/self/mem", SourceError.Io)]
    [InlineData("/dev/zero", SourceError.Malformed)]
    public void Names_what_the_kernel_said(string path, SourceError expected) =>
        Read(path, IpFamily.IPv4, []).ShouldBe(ReadResult.Failed(expected));

    /// <summary>1.3 million sockets cause no error and need no memory.</summary>
    [Fact]
    public void Reads_200_MB_in_constant_memory()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("tcp");
        var text = Fixture.Bytes($"{Fixture.TenStates}/proc/net/tcp").AsSpan();
        var header = text[..(text.IndexOf((byte)'\n') + 1)];
        var block = string.Concat(Enumerable.Repeat(System.Text.Encoding.ASCII.GetString(text[header.Length..]), 100));
        const int blocks = 260;
        using (var stream = File.Create(path))
        {
            stream.Write(header);
            for (var i = 0; i < blocks; i++)
            {
                stream.Write(System.Text.Encoding.ASCII.GetBytes(block));
            }
        }

        new FileInfo(path).Length.ShouldBeGreaterThan(200_000_000);
        using var file = new NetTcpFile(path, IpFamily.IPv4);
        var counter = default(Counter);
        var result = default(ReadResult);
        Allocated.By(() =>
        {
            counter = default;
            result = file.Read(ref counter);
        }).ShouldBe(0);
        result.ShouldBe(ReadResult.Ok);
        counter.Rows.ShouldBe(block.Count(character => character == '\n') * blocks);

        using var limited = new NetTcpFile(path, IpFamily.IPv4, limit: 1_000_000);
        limited.Read(ref counter).ShouldBe(ReadResult.Failed(SourceError.TooLarge));
    }

    [Fact]
    public void Fails_at_the_first_bad_line_of_200_MB()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("tcp");
        using (var stream = File.Create(path))
        {
            stream.Write(Fixture.Bytes($"{Fixture.TenStates}/proc/net/tcp"));
            stream.SetLength(200_000_000);
        }

        Read(path, IpFamily.IPv4, []).ShouldBe(ReadResult.Failed(SourceError.Malformed));
    }

    /// <summary>Compares many pages of rows, cut by the kernel itself, with ss(8) on the same sockets.</summary>
    [Fact]
    public void Agrees_with_ss() => Namespace.Run(space =>
    {
        using var made = new EveryState(space);
        for (var i = 0; i < 100; i++)
        {
            made.Listen(IPAddress.Loopback, backlog: 1);
        }

        var expected = space.Exec("ss", "-Htan").Checked().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(SsLine.Normalize);
        var sockets = new List<TcpSocket>();
        Read("/proc/thread-self/net/tcp", IpFamily.IPv4, sockets).ShouldBe(ReadResult.Ok);
        sockets.Count.ShouldBeGreaterThan(100);
        Read("/proc/thread-self/net/tcp6", IpFamily.IPv6, sockets).ShouldBe(ReadResult.Ok);
        sockets.ConvertAll(SsLine.Of).ShouldBe(expected.Select(WithoutLimit), ignoreOrder: true);
    });

    /// <summary>
    /// For every two rows that are read, two are added. A reader that continues after the last row gets the rows at the end
    /// again, and again. Twice is allowed for a last page that was so full that there might have been another row.
    /// </summary>
    [Fact]
    public void Reports_no_socket_again_and_again_while_the_table_grows() => Namespace.Run(_ =>
    {
        using var growth = new Growth(most: 1000);
        for (var i = 0; i < 100; i++)
        {
            growth.Add();
        }

        using var file = new NetTcpFile("/proc/thread-self/net/tcp", IpFamily.IPv4);
        var visitor = new GrowingTable(growth);
        file.Read(ref visitor).ShouldBe(ReadResult.Ok);

        growth.Told.Count.ShouldBeGreaterThan(200);
        // a row comes again if new ones push it behind the place where the next read begins: by chance, a few times
        growth.Told.Values.Max().ShouldBeLessThanOrEqualTo(4);
    });

    /// <summary>procfs does not print the limit of a listener's accept queue.</summary>
    private static string WithoutLimit(string line)
    {
        var words = line.Split(' ');
        if (words is ["LISTEN", ..])
        {
            words[2] = "0";
        }

        return string.Join(' ', words);
    }

    private static ReadResult Read(string path, IpFamily family, List<TcpSocket> into)
    {
        var visitor = new SocketList(into);
        using var file = new NetTcpFile(path, family);
        return file.Read(ref visitor);
    }

    /// <summary>Connections to a listener that nobody accepts, and how often each socket was reported.</summary>
    private sealed class Growth : IDisposable
    {
        private readonly List<Socket> _clients = [];
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly int _most;

        public Growth(int most)
        {
            _most = most;
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(most);
        }

        public Dictionary<string, int> Told { get; } = [];

        public void Add()
        {
            if (_clients.Count < _most)
            {
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                _clients.Add(client);
                client.Connect(_listener.LocalEndPoint!);
            }
        }

        public void Dispose()
        {
            _clients.ForEach(client => client.Dispose());
            _listener.Dispose();
        }
    }

    private struct GrowingTable(Growth growth) : ITcpSocketVisitor
    {
        private int _rows;

        public bool Visit(in TcpSocket socket)
        {
            var ends = $"{socket.LocalAddress}:{socket.LocalPort} {socket.RemoteAddress}:{socket.RemotePort}";
            growth.Told[ends] = growth.Told.GetValueOrDefault(ends) + 1;
            if (++_rows % 2 == 0)
            {
                growth.Add();
            }

            return true;
        }
    }

    private struct Counter : ITcpSocketVisitor
    {
        public int Rows;

        public bool Visit(in TcpSocket socket)
        {
            Rows++;
            return true;
        }
    }
}
