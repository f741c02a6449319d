using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Globalization;
using Serilog.Events;
using TcpStatExporter.Advisor;
using TcpStatExporter.Host;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Logging;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.Sources;
using TcpStatExporter.Web;

namespace TcpStatExporter.Commands;

/// <summary>The command line: flags, their formats, and what each command does. A wrong command line prints one line on stderr and exits with 2.</summary>
internal sealed class CommandLine
{
    /// <summary>Exit code of a wrong flag or value.</summary>
    public const int UsageError = 2;

    private const int HelpWidth = 100;
    private const string ExporterUnit = "tcpstat-exporter.service";

    /// <summary>Other words that people type for log levels.</summary>
    private static readonly Dictionary<string, string> LongWords = new(StringComparer.OrdinalIgnoreCase) { ["information"] = "info", ["warning"] = "warn" };

    private readonly Flag<ListenAddress[]> _listenAddress = new("--web.listen-address", [new(null, ListenAddress.DefaultPort)], $":{ListenAddress.DefaultPort}")
    {
        HelpName = "ADDRESS:PORT",
        Description = "Address to listen on. Can be repeated. Without ADDRESS: all addresses of the host.",
        CustomParser = result => [.. ParseEach<ListenAddress>(result, ListenAddress.TryParse, default, $"ADDRESS:PORT, such as :{ListenAddress.DefaultPort} or [::1]:{ListenAddress.DefaultPort}")],
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<bool> _systemdSocket = new("--web.systemd-socket")
    {
        Description = "Listen on the sockets that systemd passes (socket activation) instead of --web.listen-address.",
    };

    private readonly Flag<string> _telemetryPath = new("--web.telemetry-path", "/metrics", "/metrics")
    {
        HelpName = "PATH",
        Description = "Path of the metrics.",
        CustomParser = result => Parse(
            result,
            (string text, out string value) => (value = text).StartsWith('/') && !text.AsSpan().ContainsAny("?#"),
            "a path that begins with a slash, such as /metrics"),
    };

    private readonly Option<string?> _webConfigFile = new("--web.config.file")
    {
        HelpName = "FILE",
        Description = "File with TLS, users and headers, in the format common to Prometheus exporters. Reloaded when it or a certificate changes.",
    };

    private readonly Flag<int> _maxRequests = Number("--web.max-requests", 40, 0, 100_000, "Maximum number of concurrent scrapes, at most half of them for one client. Further requests get 503. 0: no limit.");

    private readonly Flag<TimeSpan> _sampleInterval = Duration(
        "--sample.interval", TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(60), "Time between samples.");

    private readonly Option<TimeSpan?> _listenersInterval = new("--listeners.interval")
    {
        HelpName = "DURATION",
        Description = "Time between reads of the listeners' queues, from 100ms to the sample interval. A shorter interval shows shorter bursts in peaks and histograms. [default: the sample interval]",
        CustomParser = result => ParseDuration(result, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(60)),
    };

    private readonly Flag<int> _listenersMax = Number("--listeners.max", 256, 1, 65_536, "Maximum number of listeners with their own series. The others are only counted.");

    private readonly Option<EndpointPattern[]> _listenersInclude = Patterns(
        "--listeners.include", "Only listeners that match ADDRESS[/PREFIX]:PORT[-PORT]. Address or port can be omitted. Put IPv6 addresses in brackets. Can be repeated.");

    private readonly Option<EndpointPattern[]> _listenersExclude = Patterns(
        "--listeners.exclude", "No listeners that match. Same format as --listeners.include, and takes precedence over it. Can be repeated.");

    private readonly Flag<SwitchChoice> _unixListeners = Choice(
        "--unix-listeners", SwitchChoice.On, "Read the accept queues of AF_UNIX listeners, such as php-fpm, gunicorn and docker.sock. Needs netlink.");

    private readonly Flag<int> _unixListenersMax = Number(
        "--unix-listeners.max", ExporterOptions.DefaultUnixListenersMax, 1, 1024, "Maximum number of paths of AF_UNIX listeners with their own series. The others are only counted. A queue that is more than half full takes the place of an emptier one.");

    private readonly Flag<TimeSpan> _peakWindow = Duration(
        "--peak.window", TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "Window of the peak metrics. Set it to at least twice the scrape interval.");

    private readonly Flag<SourceChoice> _source = Choice(
        "--source", SourceChoice.Auto, "Where to read sockets and listeners from. auto: netlink if available, else procfs.");

    private readonly Flag<double> _sampleCpuBudget = new("--sample.cpu-budget", 1, "1")
    {
        HelpName = "PERCENT",
        Description = "CPU limit for socket scans, in percent of one core. If a scan every sample would exceed it, some states lag behind (tcpstat_states_age_seconds). A burst still shows within two seconds. Scans of pods and containers take up to half of it.",
        CustomParser = result => Parse(result, (string text, out double value) => TryParsePercent(text, out value), "a percentage above 0, at most 100"),
    };

    private readonly Option<double?> _sweepCpuBudget = new("--sweep.cpu-budget")
    {
        HelpName = "PERCENT",
        Description = "Separate CPU limit for full socket scans (connections by listener, ephemeral ports), in addition to --sample.cpu-budget. By default, they use up to a quarter of that budget.",
        CustomParser = result => Parse(
            result,
            (string text, out double? value) =>
            {
                var isPercent = TryParsePercent(text, out var percent);
                value = percent;
                return isPercent;
            },
            "a percentage above 0, at most 100"),
    };

    private readonly Flag<string> _procfs = new("--path.procfs", "/proc", "/proc")
    {
        HelpName = "PATH",
        Description = "Root of procfs, for example the host's procfs mounted in a container. The exporter still reads its own network namespace. /proc/PID: reads the network namespace of process PID, from files only.",
        CustomParser = result => Parse(
            result,
            (string text, out string value) => FileStamp.Of(value = text).IsFolder,
            "an existing directory"),
    };

    private readonly Option<string[]> _namedNamespaces = new("--netns.named")
    {
        HelpName = "NAME",
        Description = "Network namespace in /run/netns to sample in addition to the host's. Can be repeated. Needs CAP_SYS_ADMIN.",
        Hidden = true,
    };

    private readonly Flag<NetnsMode> _netns = Choice(
        "--netns", NetnsMode.Auto, "What to read of other network namespaces (pods, containers, units with PrivateNetwork=). counters: their counters, which needs no privilege. listeners: also their listeners each second, which needs the opener (see --netns.opener). auto: once a container is found, as far as possible. off: read only the host's own namespace.");

    private readonly Flag<string> _netnsOpener = new("--netns.opener", OpenerServer.DefaultPath, OpenerServer.DefaultPath)
    {
        HelpName = "PATH",
        Description = "Socket of the opener (tcpstat-exporter-opener.socket). It opens sockets in other network namespaces for the exporter, which itself needs no privilege.",
    };

    private readonly Flag<TimeSpan> _netnsInterval = Duration(
        "--netns.interval", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), "Time between reads of other network namespaces. The exporter waits longer if reading them would exceed --sample.cpu-budget.");

    private readonly Flag<int> _netnsMax = Number("--netns.max", 20, 1, 10_000, "Maximum number of other network namespaces that get their own series because they were in trouble. The others only count in the totals.");

    private readonly Flag<NetnsSeriesChoice> _netnsSeries = Choice(
        "--netns.series", NetnsSeriesChoice.Trouble, "Which other network namespaces get their own series: those that were in trouble since they started, or all of them. With all, --netns.max has no effect.");

    private readonly Option<string[]> _netnsInclude = new("--netns.include")
    {
        HelpName = "NAME",
        Description = "Read only network namespaces with this name, such as shop/cart-*. The * matches any text. Can be repeated.",
    };

    private readonly Option<string[]> _netnsExclude = new("--netns.exclude")
    {
        HelpName = "NAME",
        Description = "Do not read network namespaces with this name. Same format as --netns.include. Takes precedence over it. Can be repeated.",
    };

    private readonly Flag<string> _podLogs = new("--path.pod-logs", "/var/log", "/var/log")
    {
        HelpName = "PATH",
        Description = "Directory in which the kubelet creates pods/ and containers/. The exporter finds the names of pods there. It reads no logs.",
    };

    /// <summary>Value of --netns of doctor and top for no other network namespace.</summary>
    private const string OnlyHost = "host";

    private readonly Option<string?> _netnsName = new("--netns")
    {
        HelpName = "NAME",
        Description = "Network namespace to look at: NAMESPACE/POD for a pod, or the name of a container or unit. doctor checks it and the host, and accepts * for any text. top shows it instead of the host. host: only the host itself. Default: all of them, if there is a container.",
    };

    private readonly Flag<CounterChoice> _counters = Choice(
        "--counters", CounterChoice.Curated, "Kernel counters to export: a curated set, or all TCP, MPTCP and UDP counters that the kernel has.");

    private readonly Flag<LogChoice> _logLevel = Choice("--log.level", LogChoice.Info, "Minimum log level.");

    private readonly Flag<LogFormat> _logFormat = Choice("--log.format", LogFormat.Text, "Log format.");

    private readonly Flag<TimeSpan> _watchFor = Duration(
        "--for", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "How long to watch before reporting. Counters are judged by how much they grow in this time. Longer is more reliable.");

    private readonly Flag<ReportFormat> _reportFormat = Choice("--format", ReportFormat.Text, "Output format. json: one document, for scripts.");

    private readonly Option<string?> _doctorSysctlFile = new("--write-sysctl")
    {
        HelpName = "FILE",
        Description = "Write the kernel parameters that the findings call for to a new file, for /etc/sysctl.d. Does not apply them, and never overwrites a file.",
    };

    private readonly Option<string?> _netnsLabel = new("--netns-label")
    {
        HelpName = "NAME",
        Description = "Add the label netns=NAME to every series. Use it for every network namespace except the host's if one textfile collector reads several files.",
        CustomParser = result => Parse(result, (string text, out string value) => (value = text).Length > 0, "a name"),
    };

    private readonly Option<bool> _doctorAll = new("--all")
    {
        Description = "Also show harmless findings that most hosts have, such as a small backlog that was never full.",
    };

    private readonly Option<bool> _topOnce = new("--once")
    {
        Description = "Print one frame and exit. This is the default if the output is not a terminal.",
    };

    private readonly Option<bool> _version = new("--version") { Description = "Show the version and exit." };

    private readonly Flag<string> _runbooksUrl = new("--runbooks.url", Runbooks.DefaultBaseUrl, "the project's, on GitHub")
    {
        HelpName = "URL",
        Description = "Base URL of the runbooks that findings link to: /NAME.md is appended.",
        CustomParser = result => Parse(
            result,
            (string text, out string value) => Uri.TryCreate(value = text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https",
            "a URL that begins with https:// or http://"),
    };

    private readonly Option<int> _port = new("--port")
    {
        HelpName = "PORT",
        Description = "Port whose listeners to check.",
        Required = true,
        CustomParser = result => Parse(
            result,
            (string text, out int port) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= ushort.MaxValue,
            "a port from 1 to 65535"),
    };

    private readonly Flag<double> _maxFill = new("--max-fill", 0.8, "0.8")
    {
        HelpName = "RATIO",
        Description = "Highest fill of the accept queue (length / limit of the fullest socket) that passes, such as 0.8 or 80%.",
        CustomParser = result => Parse(result, (string text, out double value) => TryParseRatio(text, out value), "a ratio above 0, at most 1, such as 0.8 or 80%"),
    };

    private readonly Option<TimeSpan?> _maxWait = new("--max-wait")
    {
        HelpName = "DURATION",
        Description = "Longest time that the oldest connection in the accept queue may have waited, such as 1s. Off if not given.",
        CustomParser = result => ParseDuration(result, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
    };

    private readonly Option<bool> _haproxy = new("--haproxy")
    {
        Description = "Answer agent-check of HAProxy: a weight that falls as the queue fills, or down.",
    };

    private readonly Flag<string> _openerSocket = new("--socket", OpenerServer.DefaultPath, OpenerServer.DefaultPath)
    {
        HelpName = "PATH",
        Description = "Unix socket to create, for its owner and group only. Not used if systemd passes a socket.",
    };

    private readonly Flag<string> _openerUnit = new("--client-unit", ExporterUnit, ExporterUnit)
    {
        HelpName = "UNIT",
        Description = "Unit in system.slice whose processes may use the opener, in addition to root.",
        CustomParser = result => Parse(
            result,
            (string text, out string value) => (value = text).EndsWith(".service", StringComparison.Ordinal) && !text.Contains('/', StringComparison.Ordinal),
            $"the name of a service, such as {ExporterUnit}"),
    };

    private readonly Option<uint?> _openerUser = new("--client-uid")
    {
        HelpName = "UID",
        Description = "Id of a user who may use the opener, for containers.",
        CustomParser = result => Parse(
            result,
            (string text, out uint? value) =>
            {
                var isNumber = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
                value = number;
                return isNumber;
            },
            "the id of a user, such as 1654"),
    };

    private readonly Argument<string> _name = new("NAME")
    {
        Description = "Name of a metric, kernel counter, alert or finding.",
    };

    private readonly Argument<string?> _command = new("COMMAND")
    {
        Description = "The command.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly RootCommand _root;

    /// <summary>Creates the command line.</summary>
    /// <param name="actions">What the commands do.</param>
    public CommandLine(CommandActions actions)
    {
        _root = new RootCommand("Samples the TCP state of this host every second and exports it to Prometheus: connections by state, listeners with their queues and drops, kernel counters, limits.");
        _root.Options.Remove(_root.Options.Single(option => option is VersionOption));
        Option[] log = [_logLevel, _logFormat];
        Option[] daemon =
        [
            _listenAddress, _systemdSocket, _telemetryPath, _webConfigFile, _maxRequests, _sampleInterval, _listenersInterval, _listenersMax, _listenersInclude,
            _listenersExclude, _unixListeners, _unixListenersMax, _peakWindow, _source, _sampleCpuBudget, _sweepCpuBudget, _procfs, _namedNamespaces, _netns, _netnsOpener, _netnsInterval, _netnsMax,
            _netnsSeries, _netnsInclude, _netnsExclude, _podLogs, _counters, _runbooksUrl, .. log,
        ];
        Add(_root, result => result.GetValue(_version) ? ShowVersion() : actions.Serve(Options(result)), [_version, .. daemon]);
        Add("serve", "Run the daemon. This is the default.", result => actions.Serve(Options(result)), daemon);
        Add(
            "once",
            "Take two samples, print the metrics to stdout and exit. For a textfile collector, or a quick look.",
            result => actions.Once(Options(result), new OnceOptions { NetnsLabel = result.GetValue(_netnsLabel) }),
            [_netnsLabel, _sampleInterval, _listenersMax, _listenersInclude, _listenersExclude, _unixListeners, _unixListenersMax, _source, _procfs, _counters, .. log]);
        Add(
            "doctor",
            "Watch this host for a moment, then report what is wrong with its TCP, why, and what to change. "
                + "Exit code: 0 nothing wrong (or only info), 1 warnings, 2 critical findings, 3 nothing found, but not everything could be checked. If the file of --write-sysctl cannot be written: one line, exit code 2, no report.",
            result => actions.Doctor(
                Options(result) with { Netns = NetnsForPerson(result) },
                new DoctorOptions { For = _watchFor.In(result), IsAll = result.GetValue(_doctorAll), Format = _reportFormat.In(result), SysctlFile = result.GetValue(_doctorSysctlFile) }),
            [_watchFor, _reportFormat, _doctorAll, _doctorSysctlFile, _netnsName, _podLogs, _listenersInclude, _listenersExclude, _source, _procfs, _runbooksUrl, .. log]);
        Add(
            "top",
            "Show this host's TCP live: a verdict, states, listeners in trouble, moving counters, limits, findings. Keys: s sort, / filter, p pause, ? help, q quit.",
            result => actions.Top(
                Options(result) with { Netns = NetnsForPerson(result) },
                new TopOptions { IsOnce = result.GetValue(_topOnce), For = _watchFor.In(result), Format = _reportFormat.In(result), Netns = result.GetValue(_netnsName) is { } netns and not OnlyHost ? netns : null }),
            [
                _netnsName, _podLogs, _topOnce, _watchFor, _reportFormat, _sampleInterval, _listenersInterval, _listenersInclude, _listenersExclude, _peakWindow, _source, _sampleCpuBudget,
                _sweepCpuBudget, _procfs, _runbooksUrl, .. log,
            ]);
        var explain = Add(
            "explain",
            "Say what a metric, kernel counter, alert or finding means, with its values on this host and its runbook. Works offline.",
            result => actions.Explain(Options(result), new ExplainOptions { Name = result.GetValue(_name)!, For = _watchFor.In(result) }),
            [_watchFor, _source, _procfs, _runbooksUrl]);
        explain.Arguments.Add(_name);
        Add(
            "probe",
            "Check how full the accept queue of a port is and how long connections wait in it, once, in the network namespace that it runs in. For readiness probes and load balancers. Exit code: 0 within --max-fill and --max-wait, 1 above one of them, or nothing listens there.",
            result => actions.Probe(Options(result), new ProbeOptions { Port = result.GetValue(_port), MaxFill = _maxFill.In(result), MaxWait = result.GetValue(_maxWait), IsForHaproxy = result.GetValue(_haproxy) }),
            [_port, _maxFill, _maxWait, _haproxy, _procfs]);
        Add(
            "healthcheck",
            "Check whether the exporter at --web.listen-address is ready. For containers. Exit code: 0 if ready, 1 if not.",
            result => actions.HealthCheck(Options(result)),
            [_listenAddress]);
        Add(
            "opener",
            "Open sockets in other network namespaces for the daemon, which then sees the listeners of pods and containers too. The only part that needs capabilities: CAP_SYS_ADMIN and CAP_SYS_PTRACE. "
                + "With systemd: systemctl enable --now tcpstat-exporter-opener.socket.",
            result => actions.Opener(
                Options(result),
                new OpenerOptions { Socket = _openerSocket.In(result), ClientUnit = _openerUnit.In(result), ClientUid = result.GetValue(_openerUser) }),
            [_openerSocket, _openerUnit, _openerUser]);
        Add("help", "Show the help of a command.", result => HelpAsync(result.GetValue(_command)), []).Arguments.Add(_command);

        var help = (HelpAction)_root.Options.OfType<HelpOption>().Single().Action!;

        // as wide as the terminal, up to a readable width; Console.WindowWidth would write to the terminal
        help.MaxWidth = Terminal.Size() is { Columns: > 0 and < HelpWidth and var columns } ? columns : HelpWidth;
    }

    private delegate bool TryParse<T>(string text, out T value);

    /// <summary>The tree of commands and flags. The man page and completions are generated from it.</summary>
    internal RootCommand Root => _root;

    private enum CounterChoice
    {
        Curated,
        All,
    }

    private enum SwitchChoice
    {
        On,
        Off,
    }

    private enum LogChoice
    {
        Debug,
        Info,
        Warn,
        Error,
    }

    /// <summary>Runs the command that the arguments name.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <returns>Exit code.</returns>
    public async Task<int> RunAsync(string[] arguments)
    {
        var result = _root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (!arguments.Any(argument => argument is "--help" or "-h" or "-?") && Problem(result) is { } problem)
        {
            return await RefuseAsync(problem, result.CommandResult.Command);
        }

        return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    private async Task<int> RefuseAsync(string problem, Command command)
    {
        await FailureLine.WriteAsync($"{problem.ReplaceLineEndings(" ")} See 'tcpstat-exporter {(command == _root ? "" : $"{command.Name} ")}--help'.");
        return UsageError;
    }

    private Task<int> HelpAsync(string? name) =>
        name is null ? RunAsync(["--help"])
        : _root.Subcommands.Any(command => command.Name == name) ? RunAsync([name, "--help"])
        : RefuseAsync(Unknown(_root, name), _root);

    private static async Task<int> ShowVersion()
    {
        await Console.Out.WriteLineAsync($"tcpstat-exporter, version {BuildInfo.Version} (revision: {BuildInfo.Revision}, runtime: {BuildInfo.Runtime})");
        return 0;
    }

    private static Flag<int> Number(string name, int value, int least, int most, string description) => new(name, value, value.ToString(CultureInfo.InvariantCulture))
    {
        HelpName = "NUMBER",
        Description = description,
        CustomParser = result => Parse(
            result,
            (string text, out int number) =>
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most,
            $"a number from {least} to {most}"),
    };

    private static Flag<TimeSpan> Duration(string name, TimeSpan value, TimeSpan least, TimeSpan most, string description) => new(name, value, Durations.Format(value))
    {
        HelpName = "DURATION",
        Description = description,
        CustomParser = result => ParseDuration(result, least, most) ?? default,
    };

    private static Option<EndpointPattern[]> Patterns(string name, string description) => new(name)
    {
        HelpName = "PATTERN",
        Description = description,
        CustomParser = result => [.. ParseEach<EndpointPattern>(result, EndpointPattern.TryParse, default, "ADDRESS[/PREFIX]:PORT[-PORT], such as :8000-8999 or [2001:db8::/32]:443")],
        Arity = ArgumentArity.OneOrMore,
    };

    private static Flag<T> Choice<T>(string name, T value, string description)
        where T : struct, Enum
    {
        var words = Enum.GetNames<T>().Select(word => word.ToLowerInvariant()).ToArray();
        return new Flag<T>(name, value, value.ToString().ToLowerInvariant())
        {
            HelpName = string.Join('|', words),
            Description = description,
            CustomParser = result => Parse(
                result,
                (string text, out T choice) =>
                {
                    choice = default;
                    var word = LongWords.GetValueOrDefault(text, text);
                    return words.Contains(word, StringComparer.OrdinalIgnoreCase) && Enum.TryParse(word, ignoreCase: true, out choice);
                },
                string.Join(", ", words[..^1]) + " or " + words[^1]),
        };
    }

    private static TimeSpan? ParseDuration(ArgumentResult result, TimeSpan least, TimeSpan most) => Parse(
        result,
        (string text, out TimeSpan value) => (Durations.TryParse(text, out value) || Durations.TryParse(text + 's', out value)) && value >= least && value <= most,
        $"a duration from {Durations.Format(least)} to {Durations.Format(most)}, such as 500ms, 5s or 1m30s");

    private static bool TryParsePercent(string text, out double value) =>
        double.TryParse(text.AsSpan().TrimEnd('%').Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is > 0 and <= 100;

    private static bool TryParseRatio(string text, out double value)
    {
        if (text.EndsWith('%'))
        {
            var isPercent = TryParsePercent(text, out value);
            value /= 100;
            return isPercent;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is > 0 and <= 1;
    }

    private static T? Parse<T>(ArgumentResult result, TryParse<T> parse, string form) =>
        ParseEach(result, parse, default, form).LastOrDefault();

    private static List<T> ParseEach<T>(ArgumentResult result, TryParse<T> parse, T? wrong, string form)
    {
        var values = new List<T>();
        foreach (var token in result.Tokens)
        {
            if (!parse(token.Value, out var value))
            {
                var flag = (result.Parent as OptionResult)?.IdentifierToken?.Value;
                result.AddError($"{flag}: '{token.Value}' is not {form}.");
                value = wrong!;
            }

            values.Add(value);
        }

        return values;
    }

    /// <summary>Returns the first problem of the command line, or null if there is none.</summary>
    private string? Problem(ParseResult result)
    {
        if (result.UnmatchedTokens is [var unknown, ..])
        {
            return Unknown(result.CommandResult.Command, unknown);
        }

        if (result.Errors is [var first, ..])
        {
            return first.Message;
        }

        if (!result.GetValue(_systemdSocket) && ListenAddress.Conflict(_listenAddress.In(result)) is { } conflict)
        {
            return $"{_listenAddress.Name}: {conflict}";
        }

        var interval = _sampleInterval.In(result);
        return result.GetValue(_listenersInterval) > interval
            ? $"{_listenersInterval.Name} is longer than {_sampleInterval.Name}, which is {Durations.Format(interval)}."
            : null;
    }

    /// <summary>Returns what to say about a word that a command does not know.</summary>
    private string Unknown(Command command, string word)
    {
        var name = word.StartsWith('-') ? word.Split('=')[0] : word;
        var kind = name.StartsWith('-') ? "flag" : "command";
        var candidates = kind == "flag" ? command.Options.Where(option => !option.Hidden).Select(option => option.Name) : command.Subcommands.Select(sub => sub.Name);
        if (kind == "command" && command != _root)
        {
            return $"{command.Name} does not take '{name}'.";
        }

        if (_root.Options.Concat(_root.Subcommands.SelectMany(sub => sub.Options)).Any(option => option.Name == name))
        {
            return $"{(command == _root ? "The daemon" : command.Name)} does not take {name}.";
        }

        return Spelling.Closest(name, candidates) is { } meant ? $"Unknown {kind} '{name}'. Did you mean '{meant}'?" : $"Unknown {kind} '{name}'.";
    }

    private Command Add(string name, string description, Func<ParseResult, Task<int>> run, IEnumerable<Option> options)
    {
        var command = new Command(name, description);
        Add(command, run, options);
        _root.Add(command);
        return command;
    }

    private static void Add(Command command, Func<ParseResult, Task<int>> run, IEnumerable<Option> options)
    {
        command.SetAction(run);
        foreach (var option in options)
        {
            command.Options.Add(option);
        }
    }

    private ExporterOptions Options(ParseResult result) => new()
    {
        Web = new WebOptions
        {
            ListenAddresses = _listenAddress.In(result),
            TelemetryPath = _telemetryPath.In(result),
            ConfigFile = result.GetValue(_webConfigFile) is { Length: > 0 } file ? file : null,
            MaxRequests = _maxRequests.In(result),
        },
        UseSystemdSocket = result.GetValue(_systemdSocket),
        SampleInterval = _sampleInterval.In(result),
        ListenersInterval = result.GetValue(_listenersInterval) ?? _sampleInterval.In(result),
        ListenersMax = _listenersMax.In(result),
        ListenerFilter = new ListenerFilter(result.GetValue(_listenersInclude) ?? [], result.GetValue(_listenersExclude) ?? []),
        HasUnixListeners = _unixListeners.In(result) == SwitchChoice.On,
        UnixListenersMax = _unixListenersMax.In(result),
        PeakWindow = _peakWindow.In(result),
        Source = _source.In(result),
        SampleCpuBudget = _sampleCpuBudget.In(result),
        SweepCpuBudget = result.GetValue(_sweepCpuBudget),
        ProcfsRoot = _procfs.In(result),
        NamedNamespaces = result.GetValue(_namedNamespaces) ?? [],
        Netns = NetnsForDaemon(result),
        AllCounters = _counters.In(result) == CounterChoice.All,
        RunbooksUrl = _runbooksUrl.In(result),
        LogLevel = _logLevel.In(result) switch
        {
            LogChoice.Debug => LogEventLevel.Debug,
            LogChoice.Warn => LogEventLevel.Warning,
            LogChoice.Error => LogEventLevel.Error,
            _ => LogEventLevel.Information,
        },
        LogFormat = _logFormat.In(result),
    };

    /// <summary>Commands without these flags watch no other network namespace.</summary>
    private NetnsOptions NetnsForDaemon(ParseResult result) => new()
    {
        Mode = result.CommandResult.Command.Options.Contains(_netns) ? _netns.In(result) : NetnsMode.Off,
        OpenerPath = _netnsOpener.In(result),
        PeakWindow = _peakWindow.In(result),
        ListenersMax = _listenersMax.In(result),
        ListenerFilter = new ListenerFilter(result.GetValue(_listenersInclude) ?? [], result.GetValue(_listenersExclude) ?? []),
        Interval = _netnsInterval.In(result),
        Max = _netnsMax.In(result),
        Series = _netnsSeries.In(result),
        Filter = new NetnsFilter(result.GetValue(_netnsInclude) ?? [], result.GetValue(_netnsExclude) ?? []),
        CpuShare = _sampleCpuBudget.In(result) / 100,
        ProcfsRoot = _procfs.In(result),
        LogFolder = _podLogs.In(result),

        // users are told to set the window to at least twice the time between scrapes
        Hold = _peakWindow.In(result) / 2,
    };

    /// <summary>For a person who watches: all namespaces have series and are read every second.</summary>
    private NetnsOptions NetnsForPerson(ParseResult result) => NetnsForDaemon(result) with
    {
        Mode = result.GetValue(_netnsName) switch { null => NetnsMode.Auto, OnlyHost => NetnsMode.Off, _ => NetnsMode.Listeners },
        MayEnter = true,
        Interval = TimeSpan.FromSeconds(1),
        LookInterval = TimeSpan.FromSeconds(1),
        Series = NetnsSeriesChoice.All,
        Filter = new NetnsFilter(result.GetValue(_netnsName) is { } name ? [name] : [], []),
        OpenFiles = FileBudget.OfThisProcess()?.Namespaces(connections: 0) ?? 0,
        CpuShare = 1,
    };

    /// <summary>A flag whose default is shown in help as a user would type it. The framework would show the C# value.</summary>
    private sealed class Flag<T> : Option<T>
    {
        private readonly T _default;
        private readonly string _shownDefault;

        public Flag(string name, T value, string shown)
            : base(name)
        {
            _default = value;
            _shownDefault = shown;
        }

        public new string Description
        {
            init => base.Description = $"{value} [default: {_shownDefault}]";
        }

        public T In(ParseResult result) => result.GetResult(this) is null ? _default : result.GetValue(this)!;
    }
}
