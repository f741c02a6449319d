using System.Globalization;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>The result of curl(1).</summary>
/// <param name="ExitCode">Its exit code: 0 for any response, 35, 56 or 60 if TLS failed.</param>
/// <param name="Status">Status code of the response. 0 if there is none.</param>
/// <param name="HttpVersion">"1.1" or "2".</param>
/// <param name="Headers">The response's headers, unchanged.</param>
/// <param name="Body">The response's body.</param>
/// <param name="Talk">curl's messages about the connection.</param>
internal sealed record CurlAnswer(int ExitCode, int Status, string HttpVersion, string Headers, string Body, string Talk)
{
    private const string Mark = "\n--curl--\n";

    /// <summary>Runs curl.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="url">The URL.</param>
    /// <param name="arguments">Further arguments.</param>
    public static CurlAnswer Of(NetNamespace ns, Uri url, params string[] arguments)
    {
        Requires.Program("curl");
        using var curl = ns.Start("curl", ["--silent", "--verbose", "--max-time", "60", "--include", "--write-out", Mark + "%{http_code} %{http_version}", .. arguments, url.AbsoluteUri]);
        var exitCode = curl.WaitForExit(TimeSpan.FromSeconds(90));
        var at = curl.Output.LastIndexOf(Mark, StringComparison.Ordinal);
        var figures = curl.Output[(at + Mark.Length)..].Split(' ');
        var (headers, body) = curl.Output[..at].Split("\r\n\r\n", 2) is [var first, var second] ? (first, second) : ("", "");
        return new CurlAnswer(exitCode, int.Parse(figures[0], CultureInfo.InvariantCulture), figures[1], headers, body, curl.Error);
    }
}
