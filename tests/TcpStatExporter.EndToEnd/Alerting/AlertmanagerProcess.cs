using System.Net;
using System.Text.RegularExpressions;
using TcpStatExporter.EndToEnd.Exporter;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// Alertmanager in a network namespace, on its loopback, with the shipped routes and inhibitions and its own data directory.
/// </summary>
internal sealed partial class AlertmanagerProcess : IDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder;
    private readonly ChildProcess _process;
    private readonly HttpClient _http;

    private AlertmanagerProcess(NetNamespace ns, DirectoryInfo folder)
    {
        _folder = folder;
        _http = NamespaceHttp.Client(ns, Web);
        _process = ns.Start("prometheus-alertmanager",
        [
            $"--config.file={folder.FullName}/alertmanager.yml",
            $"--storage.path={folder.FullName}/data",
            $"--web.listen-address={Web}",
            "--cluster.listen-address=",
            "--log.level=warn",
        ]);
    }

    /// <summary>The address that it listens on.</summary>
    public static IPEndPoint Web { get; } = new(IPAddress.Loopback, 9093);

    /// <summary>Its errors so far.</summary>
    public string Log => _process.Error;

    /// <summary>Starts Alertmanager and waits until it is ready.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="configuration">The shipped configuration.</param>
    /// <param name="receiver">Where all notifications go instead.</param>
    /// <param name="scale">How much faster time runs.</param>
    public static AlertmanagerProcess Start(NetNamespace ns, string configuration, IPEndPoint receiver, TimeScale scale)
    {
        Requires.Program("prometheus-alertmanager");
        var folder = Directory.CreateTempSubdirectory("tcpstat-alertmanager-");
        File.WriteAllText(Path.Combine(folder.FullName, "alertmanager.yml"), scale.Shorten(Redirect(configuration, receiver)));
        var alertmanager = new AlertmanagerProcess(ns, folder);
        try
        {
            alertmanager._process.WaitUntilReady(alertmanager._http, ReadyLimit);
            return alertmanager;
        }
        catch
        {
            alertmanager.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Returns the configuration with each webhook sent to one server, each with its own path. Adds a webhook to receivers
    /// that notify nobody, so tests can see what is kept from people.
    /// </summary>
    /// <param name="configuration">A configuration.</param>
    /// <param name="receiver">The server.</param>
    public static string Redirect(string configuration, IPEndPoint receiver) =>
        Silent().Replace(Webhooks().Replace(configuration, $"{receiver}"), $"$0\n    webhook_configs:\n      - url: http://{receiver}/${{name}}");

    public void Dispose()
    {
        _process.Dispose();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    [GeneratedRegex(@"(?<=\burl: ['""]?http://)[^/'""\s]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Webhooks();

    /// <summary>A receiver with only a name.</summary>
    [GeneratedRegex(@"^  - name: (?<name>\w+)$(?!\n    )", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Silent();
}
