using System.Net;
using System.Runtime.InteropServices;

namespace TcpStatExporter.EndToEnd.Exporter;

/// <summary>
/// The built exporter, running inside a network namespace. It is the assembly next to the tests, or the program in
/// TCPSTAT_EXPORTER, so a published or installed program can run the same tests.
/// </summary>
internal sealed class ExporterProcess : IDisposable
{
    private const string OverrideVariable = "TCPSTAT_EXPORTER";
    private const string AssemblyName = "tcpstat-exporter";

    private const int FirstPort = 10006;

    // ten samples per second on a busy machine take more than the default budget, and a test waits for the next sample, not
    // for the next count
    private const string Fast = "--sample.interval=100ms";
    private const string NoBudget = "--sample.cpu-budget=100";

    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(30);

    // a scrape costs more than reading a counter, so not every few milliseconds on a machine with two cores
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private static int _started;

    private readonly ChildProcess _process;
    private readonly PublicCopy? _copy;

    private ExporterProcess(NetNamespace ns, IPEndPoint web, ChildProcess process, PublicCopy? copy)
    {
        _process = process;
        _copy = copy;
        Web = web;
        Http = NamespaceHttp.Client(ns, web);
    }

    /// <summary>The address that it listens on. Each has its own port, so several can run in one namespace.</summary>
    public IPEndPoint Web { get; }

    /// <summary>A client of its web server, with one connection.</summary>
    public HttpClient Http { get; }

    /// <summary>Its pid.</summary>
    public int Id => _process.Id;

    /// <summary>Its log so far, from standard error.</summary>
    public string Log => _process.Error;

    /// <summary>Starts the daemon on 127.0.0.1 in the namespace, and waits until it is ready.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="asNobody">True: as user nobody without capabilities. False: as root.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="launcher">A program with its arguments that becomes the exporter by exec.</param>
    /// <param name="arguments">Flags in addition to --web.listen-address.</param>
    /// <param name="isReady">Decides from the log whether it is ready. Default: an HTTP request.</param>
    /// <exception cref="InvalidOperationException">It ended instead.</exception>
    /// <exception cref="TimeoutException">It was not ready in time.</exception>
    public static ExporterProcess Start(
        NetNamespace ns,
        bool asNobody = false,
        IReadOnlyDictionary<string, string?>? environment = null,
        IEnumerable<string>? launcher = null,
        IEnumerable<string>? arguments = null,
        Func<string, bool>? isReady = null)
    {
        var web = new IPEndPoint(IPAddress.Loopback, FirstPort + (Interlocked.Increment(ref _started) % 1000));
        var copy = asNobody ? new PublicCopy() : null;
        string[] own = [.. arguments ?? []];

        // whatever containers run on this machine are none of a test's
        string[] netns = own.Any(argument => argument.StartsWith("--netns=", StringComparison.Ordinal)) ? [] : ["--netns=off"];
        string[] command = [.. launcher ?? [], .. Command(copy), $"--web.listen-address={web}", .. own.Contains(Fast) ? [NoBudget] : (string[])[], .. netns, .. own];
        var exporter = new ExporterProcess(ns, web, ns.Start(command[0], command[1..], Variables(environment)), copy);
        try
        {
            exporter.WaitUntilReady(isReady);
            return exporter;
        }
        catch
        {
            exporter.Dispose();
            throw;
        }
    }

    /// <summary>Runs it until it ends, for at most 30 s: a command, or a start that must fail.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="asNobody">True: as user nobody without capabilities. False: as root.</param>
    /// <param name="arguments">All arguments.</param>
    public static CommandResult Run(NetNamespace ns, bool asNobody = false, params string[] arguments)
    {
        using var copy = asNobody ? new PublicCopy() : null;
        var command = Command(copy);
        using var process = ns.Start(command[0], [.. command[1..], .. arguments], Variables());
        var exitCode = process.WaitForExit(TimeSpan.FromSeconds(30));
        return new CommandResult($"{AssemblyName} {string.Join(' ', arguments)}", exitCode, process.Output, process.Error);
    }

    /// <summary>Returns the command for a shell.</summary>
    /// <param name="arguments">All arguments.</param>
    public static string[] CommandLine(params string[] arguments) => [.. Command(nobody: null), .. arguments];

    /// <summary>Returns the command for a user other than root.</summary>
    /// <param name="copy">Assemblies that the user can read.</param>
    /// <param name="arguments">All arguments.</param>
    public static string[] CommandLine(PublicCopy copy, params string[] arguments) => [.. Program(copy.Folder), .. arguments];

    /// <summary>Scrapes /metrics.</summary>
    public Scrape Scrape() => Exporter.Scrape.Parse(Http.GetStringAsync(new Uri("/metrics", UriKind.Relative)).GetAwaiter().GetResult());

    /// <summary>Scrapes after a sample that began after this call.</summary>
    public Scrape ScrapeFresh()
    {
        // the next published sample may have begun earlier
        var needed = Scrape().Value("tcpstat_samples_total") + 2;
        Scrape? fresh = null;
        Wait.Until(
            () => (fresh = Scrape()).Value("tcpstat_samples_total") >= needed,
            () => $"two samples more; log:\n{Log}",
            TimeSpan.FromSeconds(30),
            Pause);
        return fresh!;
    }

    /// <summary>
    /// Waits for the first sweep, which comes after the first sample and includes everything that existed before the
    /// exporter.
    /// </summary>
    public void WaitForSweep() => Wait.Until(
        () => Scrape().Contains("tcpstat_last_sweep_timestamp_seconds"),
        () => $"a sweep; log:\n{Log}",
        TimeSpan.FromSeconds(30),
        Pause);

    /// <summary>Stops it with SIGTERM, like systemd.</summary>
    /// <param name="limit">Time limit. Default: 15 seconds, because a busy machine may stall it.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It did not stop in time.</exception>
    public int Stop(TimeSpan? limit = null)
    {
        _process.Signal(Libc.SigTerm);
        return _process.WaitForExit(limit ?? TimeSpan.FromSeconds(15));
    }

    public void Dispose()
    {
        _process.Dispose();
        Http.Dispose();
        _copy?.Dispose();
    }

    // no debugger pipes in /tmp, which a killed process would leave behind
    private static Dictionary<string, string?> Variables(IReadOnlyDictionary<string, string?>? more = null) =>
        new(more ?? new Dictionary<string, string?>(StringComparer.Ordinal), StringComparer.Ordinal)
        {
            ["DOTNET_EnableDiagnostics"] = "0",
        };

    /// <summary>Returns the command without flags.</summary>
    /// <param name="nobody">As user nobody, with assemblies that it can read. Null: as root.</param>
    private static string[] Command(PublicCopy? nobody)
    {
        var command = Program(nobody?.Folder ?? AppContext.BaseDirectory);
        return nobody is not null
            ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--", .. command]
            : command;
    }

    private static string[] Program(string folder)
    {
        var program = Environment.GetEnvironmentVariable(OverrideVariable);
        return string.IsNullOrEmpty(program) ? [DotnetHost(), Path.Combine(folder, AssemblyName + ".dll")] : [program];
    }

    /// <summary>
    /// The host of the runtime that runs the tests. HOST/shared/Microsoft.NETCore.App/VERSION/ is its directory.
    /// </summary>
    private static string DotnetHost() => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));

    private void WaitUntilReady(Func<string, bool>? isReady) => Wait.Until(
        () =>
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"the exporter ended before it was ready; log:\n{Log}");
            }

            if (isReady is not null)
            {
                return isReady(Log);
            }

            try
            {
                using var response = Http.GetAsync(new Uri("/-/ready", UriKind.Relative)).GetAwaiter().GetResult();
                return response.StatusCode == HttpStatusCode.OK;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                // refused, or no answer in time
                return false;
            }
        },
        () => $"the exporter is ready; log:\n{Log}",
        ReadyLimit,
        Pause);
}
