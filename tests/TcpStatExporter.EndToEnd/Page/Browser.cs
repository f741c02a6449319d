using System.Net;
using TcpStatExporter.EndToEnd.Exporter;

namespace TcpStatExporter.EndToEnd.Page;

/// <summary>Headless Chromium in a network namespace, controlled by its DevTools protocol.</summary>
internal sealed class Browser : IDisposable
{
    private static readonly IPEndPoint DevTools = new(IPAddress.Loopback, 9222);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _profile;
    private readonly ChildProcess _process;
    private readonly DevToolsConnection _connection;

    private Browser(DirectoryInfo profile, ChildProcess process, DevToolsConnection connection)
    {
        _profile = profile;
        _process = process;
        _connection = connection;
    }

    /// <summary>An exporter flag that hides the browser's own listener from the page.</summary>
    public static string Unseen => $"--listeners.exclude={DevTools}";

    /// <summary>Starts it, or skips the test if it is not installed.</summary>
    /// <param name="ns">The namespace.</param>
    public static Browser Start(NetNamespace ns)
    {
        Requires.Program("chromium");
        var profile = Directory.CreateTempSubdirectory("tcpstat-browser-");
        var process = ns.Start("chromium",
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", $"--remote-debugging-port={DevTools.Port}", $"--user-data-dir={profile.FullName}", "about:blank",
        ]);
        try
        {
            Wait.Until(() => Address(process.Error) is not null, () => $"chromium listens; stderr: {process.Error}", StartLimit);
            var connection = DevToolsConnection.Open(() => NamespaceHttp.Connect(ns, DevTools), Address(process.Error)!);
            return new Browser(profile, process, connection);
        }
        catch
        {
            process.Dispose();
            profile.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Opens a page.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="width">Width of the window in CSS pixels.</param>
    /// <param name="height">Height of the window.</param>
    /// <param name="isDark">The reader prefers a dark page.</param>
    /// <param name="hasScript">The reader allows scripts.</param>
    public Tab Open(Uri address, int width = 1280, int height = 800, bool isDark = false, bool hasScript = true)
    {
        var tab = new Tab(_connection);
        tab.Send("Emulation.setDeviceMetricsOverride", new { width, height, deviceScaleFactor = 1, mobile = width < 500 });
        tab.Send("Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = isDark ? "dark" : "light" } } });
        tab.Send("Emulation.setScriptExecutionDisabled", new { value = !hasScript });
        tab.Load(address);
        return tab;
    }

    public void Dispose()
    {
        // when closed by the protocol, it also ends its children
        _connection.Close();
        try
        {
            _process.WaitForExit(TimeSpan.FromSeconds(10));
        }
        catch (TimeoutException)
        {
            // it is killed below
        }

        _process.Dispose();
        _connection.Dispose();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                _profile.Delete(recursive: true);
                return;
            }
            catch (IOException) when (attempt < 300)
            {
                // one of its children is still writing
                Thread.Sleep(100);
            }
        }
    }

    /// <summary>Returns the address from its output. Null if it has not printed it yet.</summary>
    private static Uri? Address(string said)
    {
        const string Words = "DevTools listening on ";
        var line = Array.Find(said.Split('\n')[..^1], line => line.StartsWith(Words, StringComparison.Ordinal));
        return line is null ? null : new Uri(line[Words.Length..]);
    }
}
