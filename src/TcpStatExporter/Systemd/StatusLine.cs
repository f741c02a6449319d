using System.Text.Unicode;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Systemd;

/// <summary>One line for systemctl status: what a person wants to know of TCP here at a glance.</summary>
/// <param name="store">Where samples are published.</param>
internal sealed class StatusLine(SampleStore store)
{
    private readonly HostSample _sample = new();

    /// <summary>Writes the line.</summary>
    /// <param name="destination">Receives it, in UTF-8.</param>
    /// <returns>Bytes written.</returns>
    public int Write(Span<byte> destination)
    {
        store.CopyTo(_sample);
        var states = _sample.Kernel.States;
        var full = 0;
        foreach (ref readonly var listener in _sample.Listeners.Span)
        {
            full += listener.HasLimit && listener.FillRatio > 1 ? 1 : 0;
        }

        var written = 0;
        var isWhole = _sample.Status(SourceId.Sockets).IsOk && _sample.Status(SourceId.Listeners).IsOk;
        var fits = isWhole
            ? Utf8.TryWrite(
                destination,
                $"{states[TcpState.Established]} established, {states[TcpState.TimeWait]} time-wait, {states[TcpState.CloseWait]} close-wait; {_sample.Listeners.Count} listeners, {full} full",
                out written)
            : Utf8.TryWrite(destination, $"The sockets or listeners cannot be read; {_sample.Samples} samples", out written);
        return fits ? written : 0;
    }
}
