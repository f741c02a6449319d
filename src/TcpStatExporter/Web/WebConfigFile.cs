using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using TcpStatExporter.Host;

namespace TcpStatExporter.Web;

/// <summary>
/// The file of <c>--web.config.file</c>, in the format that Prometheus exporters share
/// (https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md). Unknown keys are errors. Paths in
/// it are relative to its directory.
/// </summary>
/// <param name="path">Path of the file.</param>
internal sealed class WebConfigFile(string path)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The headers that may be set. If only a few values are allowed, they are listed.</summary>
    private static readonly Dictionary<string, string[]> AllowedHeaders = new(StringComparer.Ordinal)
    {
        ["Content-Security-Policy"] = [],
        ["Strict-Transport-Security"] = [],
        ["X-Content-Type-Options"] = ["nosniff"],
        ["X-Frame-Options"] = ["deny", "sameorigin"],
        ["X-XSS-Protection"] = [],
    };

    /// <summary>A hundred years: the upper limit of interval times burst.</summary>
    private const double MaxBurstHours = 1_000_000;

    private readonly List<WatchedFile> _files = [WatchedFile.Now(FullPath(path))];
    private readonly List<string> _warnings = [];
    private readonly List<KeyValuePair<string, string>> _headers = [];
    private readonly Dictionary<string, string> _users = new(StringComparer.Ordinal);
    private YamlEntry? _tls;
    private TokenBucket? _rateLimit;

    /// <summary>
    /// The files that <see cref="Read"/> used, whether it succeeded or not. The configuration file itself is first.
    /// </summary>
    public IReadOnlyList<WatchedFile> Files => _files;

    /// <summary>Reads the configuration and the files that it names. Call it only once.</summary>
    /// <exception cref="WebConfigException">
    /// The configuration is invalid. Exceptions of the libraries that parse it are converted to this one.
    /// </exception>
    public WebConfig Read()
    {
        try
        {
            return ReadAll();
        }
        catch (Exception e) when (e is not WebConfigException)
        {
            throw new WebConfigException($"{path}: it cannot be used: {e.Message.TrimEnd('.')}.", mayPass: true);
        }
    }

    private WebConfig ReadAll()
    {
        foreach (var entry in YamlEntry.Parse(path, Text()))
        {
            switch (entry.Key)
            {
                case "tls_server_config":
                    _tls = entry;
                    break;
                case "http_server_config":
                    ReadHttp(entry);
                    break;
                case "basic_auth_users":
                    ReadUsers(entry);
                    break;
                case "rate_limit":
                    ReadRateLimit(entry);
                    break;
                default:
                    throw entry.Unknown("tls_server_config", "http_server_config", "basic_auth_users", "rate_limit");
            }
        }

        var tls = _tls is null ? null : new TlsSection(Path.GetDirectoryName(_files[0].Path)!, _files, _warnings).Read(_tls);
        return new WebConfig
        {
            Tls = tls,
            Headers = _headers,
            Users = _users.ToFrozenDictionary(StringComparer.Ordinal),
            RateLimit = _rateLimit,
            Warnings = _warnings,
        };
    }

    private static string FullPath(string path)
    {
        try
        {
            return Path.GetFullPath(path);
        }
        catch (Exception e)
        {
            throw new WebConfigException($"{path}: {e.Message.TrimEnd('.')}.");
        }
    }

    private string Text()
    {
        if (!SmallFile.TryRead(path, out var content, out var reason))
        {
            throw new WebConfigException($"{path}: {reason}.", mayPass: true);
        }

        try
        {
            return StrictUtf8.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            throw new WebConfigException($"{path}: it is not UTF-8 text.");
        }
    }

    private void ReadHttp(YamlEntry section)
    {
        foreach (var entry in section.Entries())
        {
            switch (entry.Key)
            {
                case "http2":
                    if (entry.Flag() == true)
                    {
                        _warnings.Add($"{entry.Path}: it has no effect: HTTP/1.1 is served, and clients that offer both take it.");
                    }

                    break;
                case "headers":
                    foreach (var header in entry.Entries())
                    {
                        ReadHeader(header);
                    }

                    break;
                default:
                    throw entry.Unknown("http2", "headers");
            }
        }
    }

    private void ReadHeader(YamlEntry header)
    {
        if (!AllowedHeaders.TryGetValue(header.Key, out var values))
        {
            throw header.Unknown(AllowedHeaders.Keys);
        }

        if (header.Text() is not { } value)
        {
            return;
        }

        if (values.Length > 0 && !values.Contains(value, StringComparer.Ordinal))
        {
            throw header.Wrong($"'{value}' is not {YamlEntry.OneOf(values)}");
        }

        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw header.Wrong("a header is one line of ASCII");
        }

        _headers.Add(new(header.Key, value));
    }

    private void ReadUsers(YamlEntry section)
    {
        foreach (var user in section.Entries())
        {
            if (user.Key.Contains(':', StringComparison.Ordinal))
            {
                throw user.Wrong("a user with a colon can never log in (RFC 7617)");
            }

            // keep the hash itself out of the message
            if (user.Text() is not { } hash || !PasswordHash.IsHash(hash))
            {
                throw user.Wrong("not a bcrypt hash (60 characters, starting with $2y$, $2b$ or $2a$). Create one with: htpasswd -nBC 10 \"\"");
            }

            if (PasswordHash.Cost(hash) > PasswordHash.MaxCost)
            {
                throw user.Wrong(string.Create(
                    CultureInfo.InvariantCulture,
                    $"a cost of {PasswordHash.Cost(hash)} makes each check take seconds or more; the maximum is {PasswordHash.MaxCost}, and 10 is usual"));
            }

            _users.Add(user.Key, hash);
        }
    }

    private void ReadRateLimit(YamlEntry section)
    {
        var interval = TimeSpan.Zero;
        var burst = 0;
        foreach (var entry in section.Entries())
        {
            var text = entry.Text() ?? "0";
            switch (entry.Key)
            {
                case "interval":
                    if (text != "0" && !Durations.TryParse(text, out interval))
                    {
                        throw entry.Wrong($"'{text}' is not a duration such as 100ms or 1s");
                    }

                    break;
                case "burst":
                    if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out burst))
                    {
                        throw entry.Wrong($"'{text}' is not a number of requests");
                    }

                    break;
                default:
                    throw entry.Unknown("interval", "burst");
            }
        }

        if (interval.TotalHours * burst > MaxBurstHours)
        {
            throw section.Wrong("interval times burst is more than a hundred years: use a smaller burst");
        }

        if (interval > TimeSpan.Zero)
        {
            _rateLimit = burst > 0 ? new TokenBucket(interval, burst) : throw section.Wrong("burst is 0, so no request would be admitted");
        }
    }
}
