using Microsoft.Extensions.Logging;

namespace TcpStatExporter.Web;

/// <summary>
/// The current web configuration. Reading it checks the files, at most once a second, and reloads them if they or the
/// certificates have changed. If a reload fails, the old configuration stays in use, and the error is logged once until the
/// files change again.
/// </summary>
internal sealed partial class WebConfigSource
{
    /// <summary>Minimum time between two checks of the files.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _looking = new();
    private long _lookedAt;
    private IReadOnlyList<WatchedFile> _files;
    private volatile WebConfig _current;
    private bool _isInForce = true;

    /// <summary>
    /// The last logged error that may go away by itself, such as a file that could not be opened because descriptors ran out.
    /// The files are then reloaded at every check.
    /// </summary>
    private string? _passing;

    /// <summary>Reads the configuration for the first time.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Logs changes.</param>
    /// <exception cref="WebConfigException">The configuration is invalid.</exception>
    public WebConfigSource(string path, TimeProvider time, ILogger logger)
    {
        _path = path;
        _time = time;
        _logger = logger;
        _lookedAt = time.GetTimestamp();
        var file = new WebConfigFile(path);
        _current = file.Read();
        _files = file.Files;
        Warn(_current);
    }

    /// <summary>The current configuration.</summary>
    public WebConfig Current
    {
        get
        {
            // do not wait if another thread is checking
            if (_time.GetElapsedTime(Interlocked.Read(ref _lookedAt)) >= Pace && _looking.TryEnter())
            {
                try
                {
                    Look();
                }
                finally
                {
                    _looking.Exit();
                }
            }

            return _current;
        }
    }

    /// <summary>Checks the files now.</summary>
    /// <returns>True if they are in use. False if they are invalid, which has already been logged.</returns>
    public bool Refresh()
    {
        lock (_looking)
        {
            Look();
            return _isInForce;
        }
    }

    private void Look()
    {
        Interlocked.Exchange(ref _lookedAt, _time.GetTimestamp());
        var hasChanged = _files.Any(file => file.HasChanged);
        if (!hasChanged && _passing is null)
        {
            return;
        }

        var file = new WebConfigFile(_files[0].Path);
        string? passing = null;
        _isInForce = false;
        try
        {
            Take(file.Read());
        }
        catch (WebConfigException e)
        {
            passing = e.MayPass ? e.Message : null;
            if (hasChanged || e.Message != _passing)
            {
                LogBroken(_logger, e.Message);
            }
        }

        // also for an invalid file, so it is reloaded only after it has changed
        _files = file.Files;
        _passing = passing;
    }

    private void Take(WebConfig next)
    {
        if (next.Tls is null != _current.Tls is null)
        {
            LogNeedsRestart(_logger, _path, next.Tls is null ? "off" : "on");
            return;
        }

        _current = next;
        _isInForce = true;
        LogReloaded(_logger, _path);
        Warn(next);
    }

    private void Warn(WebConfig config)
    {
        foreach (var warning in config.Warnings)
        {
            LogWarning(_logger, _path, warning);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Reloaded {Path}.")]
    private static partial void LogReloaded(ILogger logger, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path}: {Warning}")]
    private static partial void LogWarning(ILogger logger, string path, string warning);

    [LoggerMessage(Level = LogLevel.Error, Message = "The new web configuration is invalid, keeping the old one: {Problem}")]
    private static partial void LogBroken(ILogger logger, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} changed and turns TLS {Direction}. This needs a restart. Keeping the old configuration.")]
    private static partial void LogNeedsRestart(ILogger logger, string path, string direction);
}
