using System.Globalization;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>What curl(1) got.</summary>
/// <param name="ExitCode">Its exit code: 0 for any answer, 35, 56 or 60 where TLS failed.</param>
/// <param name="Status">Status of the answer; 0 where there is none.</param>
/// <param name="HttpVersion">"1.1" or "2".</param>
/// <param name="Headers">The answer's headers as they are.</param>
/// <param name="Body">The answer's body.</param>
/// <param name="Talk">What curl told of the connection.</param>
internal sealed record CurlAnswer(int ExitCode, int Status, string HttpVersion, string Headers, string Body, string Talk)
{
    private const string Mark = "\n--curl--\n";

    /// <summary>Runs it.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="url">What to get.</param>
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
