using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Globalization;
using Serilog.Events;
using TcpStatExporter.Host;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Logging;
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

    private readonly Flag<ListenAddress[]> _listenAddress = new("--web.listen-address", [new(null, 10006)], ":10006")
    {
        HelpName = "ADDRESS:PORT",
        Description = "Address to listen on. Can be repeated. Without ADDRESS: all addresses of the host.",
        CustomParser = result => [.. ParseEach<ListenAddress>(result, ListenAddress.TryParse, default, "ADDRESS:PORT, such as :10006 or [::1]:10006")],
        Arity = ArgumentArity.OneOrMore,
        Recursive = true,
    };

    private readonly Option<bool> _systemdSocket = new("--web.systemd-socket")
    {
        Description = "Listen on the sockets that systemd passes (socket activation) instead of --web.listen-address.",
        Recursive = true,
    };

    private readonly Option<string> _telemetryPath = new("--web.telemetry-path")
    {
        HelpName = "PATH",
        Description = "Path of the metrics.",
        DefaultValueFactory = _ => "/metrics",
        CustomParser = result => Parse(
            result,
            (string text, out string value) => (value = text).StartsWith('/') && !text.AsSpan().ContainsAny("?#"),
            "a path that begins with a slash, such as /metrics"),
        Recursive = true,
    };

    private readonly Option<string?> _webConfigFile = new("--web.config.file")
    {
        HelpName = "FILE",
        Description = "File with TLS, users and headers, in the format common to Prometheus exporters. Reloaded when it or a certificate changes.",
        Recursive = true,
    };

    private readonly Option<int> _maxRequests = Number("--web.max-requests", 40, 0, 100_000, "Maximum number of concurrent scrapes, at most half of them for one client. Further requests get 503. 0: no limit.");

    private readonly Flag<TimeSpan> _sampleInterval = Duration(
        "--sample.interval", TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(60), "Time between samples.");

    private readonly Option<TimeSpan?> _listenersInterval = new("--listeners.interval")
    {
        HelpName = "DURATION",
        Description = "Time between reads of the listeners' queues, from 100ms to the sample interval. A shorter interval shows shorter bursts in peaks and histograms. [default: the sample interval]",
        CustomParser = result => ParseDuration(result, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(60)),
        Recursive = true,
    };

    private readonly Option<int> _listenersMax = Number("--listeners.max", 256, 1, 65_536, "Maximum number of listeners with their own series. The others are only counted.");

    private readonly Option<EndpointPattern[]> _listenersInclude = Patterns(
        "--listeners.include", "Export series only for listeners that match ADDRESS[/PREFIX]:PORT[-PORT]. Address or port can be omitted. Put IPv6 addresses in brackets. Can be repeated.");

    private readonly Option<EndpointPattern[]> _listenersExclude = Patterns(
        "--listeners.exclude", "Do not export series for listeners that match. Same format as --listeners.include, and takes precedence over it. Can be repeated.");

    private readonly Flag<TimeSpan> _peakWindow = Duration(
        "--peak.window", TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "Window of the peak metrics. Set it to at least twice the scrape interval.");

    private readonly Flag<SourceChoice> _source = Choice(
        "--source", SourceChoice.Auto, "Where to read sockets and listeners from. auto: netlink if available, else procfs.");

    private readonly Option<double> _sampleCpuBudget = new("--sample.cpu-budget")
    {
        HelpName = "PERCENT",
        Description = "CPU limit for socket scans, in percent of one core. If a scan every sample would exceed it, some states lag behind (tcpstat_states_age_seconds). A burst still shows within two seconds.",
        DefaultValueFactory = _ => 1,
        CustomParser = result => Parse(result, (string text, out double value) => TryParsePercent(text, out value), "a percentage above 0, at most 100"),
        Recursive = true,
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
        Recursive = true,
    };

    private readonly Option<string> _procfs = new("--path.procfs")
    {
        HelpName = "PATH",
        Description = "Root of procfs, for example the host's procfs mounted in a container. The exporter still reads its own network namespace. /proc/PID: reads the network namespace of process PID, from files only.",
        DefaultValueFactory = _ => "/proc",
        CustomParser = result => Parse(
            result,
            (string text, out string value) => FileStamp.Of(value = text).IsFolder,
            "an existing directory"),
        Recursive = true,
    };

    private readonly Option<string[]> _namedNamespaces = new("--netns.named")
    {
        HelpName = "NAME",
        Description = "Network namespace in /run/netns to sample in addition to the host's. Can be repeated. Needs CAP_SYS_ADMIN.",
        Hidden = true,
        Recursive = true,
    };

    private readonly Flag<CounterChoice> _counters = Choice(
        "--counters", CounterChoice.Curated, "Kernel counters to export: a curated set, or all that the kernel has.");

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

    private readonly RootCommand _root;

    /// <summary>Makes the command line.</summary>
    /// <param name="serve">Runs the daemon.</param>
    /// <param name="once">Prints the metrics once.</param>
    /// <param name="doctor">Reports what is wrong.</param>
    /// <param name="top">Shows TCP live.</param>
    /// <param name="healthCheck">Checks whether a running daemon is ready.</param>
    public CommandLine(
        Func<ExporterOptions, Task<int>> serve,
        Func<ExporterOptions, OnceOptions, Task<int>> once,
        Func<ExporterOptions, DoctorOptions, Task<int>> doctor,
        Func<ExporterOptions, TopOptions, Task<int>> top,
        Func<ExporterOptions, Task<int>> healthCheck)
    {
        _root = new RootCommand("Samples the TCP state of this host every second and exports it to Prometheus: connections by state, listeners with their queues and drops, kernel counters, limits.");
        _root.Options.Remove(_root.Options.Single(option => option is VersionOption));
        Add(_version, _listenAddress, _systemdSocket, _telemetryPath, _webConfigFile, _maxRequests, _sampleInterval, _listenersInterval, _listenersMax, _listenersInclude,
            _listenersExclude, _peakWindow, _source, _sampleCpuBudget, _sweepCpuBudget, _procfs, _namedNamespaces, _counters, _logLevel, _logFormat);
        _root.SetAction(result => result.GetValue(_version) ? ShowVersion() : serve(Options(result)));

        var serveCommand = new Command("serve", "Run the daemon. This is the default.");
        serveCommand.SetAction(result => serve(Options(result)));
        _root.Add(serveCommand);

        var onceCommand = new Command("once", "Take two samples, print the metrics to stdout and exit. For a textfile collector, or a quick look.");
        onceCommand.Options.Add(_netnsLabel);
        onceCommand.SetAction(result => once(Options(result), new OnceOptions { NetnsLabel = result.GetValue(_netnsLabel) }));
        _root.Add(onceCommand);

        var doctorCommand = new Command(
            "doctor",
            "Watch this host for a moment, then report what is wrong with its TCP, why, and what to change. "
                + "Exit code: 0 nothing wrong (or only info), 1 warnings, 2 critical findings, 3 nothing found, but not everything could be checked. If the file of --write-sysctl cannot be written: one line, exit code 2, no report.");
        doctorCommand.Options.Add(_watchFor);
        doctorCommand.Options.Add(_reportFormat);
        doctorCommand.Options.Add(_doctorAll);
        doctorCommand.Options.Add(_doctorSysctlFile);
        doctorCommand.SetAction(result => doctor(
            Options(result),
            new DoctorOptions { For = _watchFor.In(result), IsAll = result.GetValue(_doctorAll), Format = _reportFormat.In(result), SysctlFile = result.GetValue(_doctorSysctlFile) }));
        _root.Add(doctorCommand);

        var topCommand = new Command(
            "top",
            "Show this host's TCP live: a verdict, states, listeners in trouble, moving counters, limits, findings. Keys: s sort, / filter, p pause, ? help, q quit.");
        topCommand.Options.Add(_topOnce);
        topCommand.Options.Add(_watchFor);
        topCommand.Options.Add(_reportFormat);
        topCommand.SetAction(result => top(
            Options(result),
            new TopOptions { IsOnce = result.GetValue(_topOnce), For = _watchFor.In(result), Format = _reportFormat.In(result) }));
        _root.Add(topCommand);

        var healthCheckCommand = new Command(
            "healthcheck", "Check whether the exporter at --web.listen-address is ready. For containers. Exit code: 0 if ready, 1 if not.");
        healthCheckCommand.SetAction(result => healthCheck(Options(result)));
        _root.Add(healthCheckCommand);

        var help = (HelpAction)_root.Options.OfType<HelpOption>().Single().Action!;

        // as wide as the terminal, up to a readable width. Console.WindowWidth would write to the terminal
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
            await FailureLine.WriteAsync($"{problem.ReplaceLineEndings(" ")} See 'tcpstat-exporter --help'.");
            return UsageError;
        }

        return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    private static async Task<int> ShowVersion()
    {
        await Console.Out.WriteLineAsync($"tcpstat-exporter, version {BuildInfo.Version} (revision: {BuildInfo.Revision}, runtime: {BuildInfo.Runtime})");
        return 0;
    }

    private static Option<int> Number(string name, int value, int least, int most, string description) => new(name)
    {
        HelpName = "NUMBER",
        Description = description,
        DefaultValueFactory = _ => value,
        CustomParser = result => Parse(
            result,
            (string text, out int number) =>
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most,
            $"a number from {least} to {most}"),
        Recursive = true,
    };

    private static Flag<TimeSpan> Duration(string name, TimeSpan value, TimeSpan least, TimeSpan most, string description) => new(name, value, Durations.Format(value))
    {
        HelpName = "DURATION",
        Description = description,
        CustomParser = result => ParseDuration(result, least, most) ?? default,
        Recursive = true,
    };

    private static Option<EndpointPattern[]> Patterns(string name, string description) => new(name)
    {
        HelpName = "PATTERN",
        Description = description,
        DefaultValueFactory = _ => [],
        CustomParser = result => [.. ParseEach<EndpointPattern>(result, EndpointPattern.TryParse, default, "ADDRESS[/PREFIX]:PORT[-PORT], such as :8000-8999 or [2001:db8::/32]:443")],
        Arity = ArgumentArity.OneOrMore,
        Recursive = true,
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
                    return words.Contains(text, StringComparer.Ordinal) && Enum.TryParse(text, ignoreCase: true, out choice);
                },
                string.Join(", ", words[..^1]) + " or " + words[^1]),
            Recursive = true,
        };
    }

    private static TimeSpan? ParseDuration(ArgumentResult result, TimeSpan least, TimeSpan most) => Parse(
        result,
        (string text, out TimeSpan value) => Durations.TryParse(text, out value) && value >= least && value <= most,
        $"a duration from {Durations.Format(least)} to {Durations.Format(most)}, such as 500ms, 5s or 1m");

    private static bool TryParsePercent(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is > 0 and <= 100;

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

    /// <summary>The first problem of the command line, or null if there is none.</summary>
    private string? Problem(ParseResult result)
    {
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

    private void Add(params Option[] options)
    {
        foreach (var option in options)
        {
            _root.Options.Add(option);
        }
    }

    private ExporterOptions Options(ParseResult result) => new()
    {
        Web = new WebOptions
        {
            ListenAddresses = _listenAddress.In(result),
            TelemetryPath = result.GetValue(_telemetryPath)!,
            ConfigFile = result.GetValue(_webConfigFile) is { Length: > 0 } file ? file : null,
            MaxRequests = result.GetValue(_maxRequests),
        },
        UseSystemdSocket = result.GetValue(_systemdSocket),
        SampleInterval = _sampleInterval.In(result),
        ListenersInterval = result.GetValue(_listenersInterval) ?? _sampleInterval.In(result),
        ListenersMax = result.GetValue(_listenersMax),
        ListenerFilter = new ListenerFilter(result.GetValue(_listenersInclude)!, result.GetValue(_listenersExclude)!),
        PeakWindow = _peakWindow.In(result),
        Source = _source.In(result),
        SampleCpuBudget = result.GetValue(_sampleCpuBudget),
        SweepCpuBudget = result.GetValue(_sweepCpuBudget),
        ProcfsRoot = result.GetValue(_procfs)!,
        NamedNamespaces = result.GetValue(_namedNamespaces) ?? [],
        AllCounters = _counters.In(result) == CounterChoice.All,
        LogLevel = _logLevel.In(result) switch
        {
            LogChoice.Debug => LogEventLevel.Debug,
            LogChoice.Warn => LogEventLevel.Warning,
            LogChoice.Error => LogEventLevel.Error,
            _ => LogEventLevel.Information,
        },
        LogFormat = _logFormat.In(result),
    };

    /// <summary>A flag whose default is shown in help the way a user types it. The framework would show the C# value.</summary>
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
