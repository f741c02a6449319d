using System.Globalization;
using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Systemd;

/// <summary>Builds one line for systemctl status: the verdict and the most important TCP numbers.</summary>
/// <param name="store">Where samples are published.</param>
/// <param name="advice">Where advice is published.</param>
internal sealed class StatusLine(SampleStore store, AdviceStore advice)
{
    /// <summary>Maximum length of the verdict. systemd ignores a message of more than 4096 bytes.</summary>
    private const int MaxVerdict = 400;

    /// <summary>Builds the line.</summary>
    public string Write()
    {
        using var lease = store.Take();
        var sample = lease.Sample;
        var verdict = Verdict.Of(lease, advice.Latest);
        var level = verdict.Level switch
        {
            VerdictLevel.Critical => "Critical: ",
            VerdictLevel.Warning => "Warning: ",
            _ => "",
        };

        // a unit is named after its directory, which may contain a newline; the line must not end there
        var text = verdict.Text.ReplaceLineEndings("?");
        text = text.Length > MaxVerdict ? text[..MaxVerdict] : text;
        if (!sample.Status(SourceId.Sockets).IsOk || !sample.Status(SourceId.Listeners).IsOk)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{level}{text}; {sample.Samples} samples");
        }

        var full = 0;
        foreach (ref readonly var listener in sample.Listeners.Span)
        {
            full += listener.HasLimit && listener.FillRatio > 1 ? 1 : 0;
        }

        var states = sample.Kernel.States;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{level}{text}; {states[TcpState.Established]} established, {states[TcpState.TimeWait]} time-wait, {states[TcpState.CloseWait]} close-wait; {sample.Listeners.Count} listeners, {full} full");
    }
}
