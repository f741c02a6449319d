using System.Net;
using TcpStatExporter.EndToEnd.Exporter;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>The exporter with a web configuration, in a namespace and with a directory for its files.</summary>
internal sealed class SecuredExporter : IDisposable
{
    public const string ConfigName = "web.yml";

    private readonly ChildProcess _process;
    private readonly string _scheme;

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="folder">The directory. It contains <see cref="ConfigName"/>.</param>
    /// <param name="isTls">True if the configuration enables TLS.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="arguments">Flags in addition to those of the web server.</param>
    /// <param name="launcher">A program with its arguments that becomes the exporter by exec.</param>
    public SecuredExporter(
        NetNamespace ns,
        TestFolder folder,
        bool isTls,
        IReadOnlyDictionary<string, string?>? environment = null,
        IEnumerable<string>? arguments = null,
        IEnumerable<string>? launcher = null)
    {
        Namespace = ns;
        Folder = folder;
        _scheme = isTls ? "https" : "http";
        string[] command = [.. launcher ?? [], .. ExporterProcess.CommandLine($"--web.listen-address={Web}", $"--web.config.file={folder.PathOf(ConfigName)}")];
        var variables = new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>(StringComparer.Ordinal), StringComparer.Ordinal)
        {
            ["DOTNET_EnableDiagnostics"] = "0",
        };
        _process = ns.Start(command[0], [.. command[1..], .. arguments ?? []], variables);
        Wait.Until(
            () => _process.HasExited ? throw new InvalidOperationException(Log) : Log.Contains("Listening on", StringComparison.Ordinal),
            () => Log,
            TimeSpan.FromSeconds(30));
    }

    /// <summary>The address that it listens on.</summary>
    public static IPEndPoint Web { get; } = new(IPAddress.Loopback, 10006);

    public NetNamespace Namespace { get; }

    public TestFolder Folder { get; }

    public int Id => _process.Id;

    /// <summary>Its log so far.</summary>
    public string Log => _process.Error;

    /// <summary>Sends a request with curl(1), on a new connection.</summary>
    /// <param name="path">Path of the request.</param>
    /// <param name="arguments">Arguments for curl.</param>
    public CurlAnswer Curl(string path, params string[] arguments) => CurlAnswer.Of(Namespace, new Uri($"{_scheme}://{Web}{path}"), arguments);

    /// <summary>Sends it a signal.</summary>
    /// <param name="signal">Signal number.</param>
    public void Signal(int signal) => _process.Signal(signal);

    /// <summary>Stops it with SIGTERM.</summary>
    /// <returns>Its exit code.</returns>
    public int Stop()
    {
        Signal(Libc.SigTerm);
        return _process.WaitForExit(TimeSpan.FromMinutes(1));
    }

    public void Dispose() => _process.Dispose();
}
