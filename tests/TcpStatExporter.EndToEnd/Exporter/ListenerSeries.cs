using System.Globalization;
using System.Net;

namespace TcpStatExporter.EndToEnd.Exporter;

/// <summary>The series of one listener, whatever unit owns it: that depends on where the tests run.</summary>
internal static class ListenerSeries
{
    /// <summary>The one series of a listener under a name, or none.</summary>
    /// <param name="scrape">The exposition.</param>
    /// <param name="name">Name of the series, suffix of a histogram included.</param>
    /// <param name="listener">Address and port it is bound to.</param>
    /// <param name="more">Labels beside address, port, device and unit.</param>
    public static MetricSample? OfListener(this Scrape scrape, string name, IPEndPoint listener, params (string Name, string Value)[] more) =>
        scrape.Samples(name).SingleOrDefault(sample =>
            sample.Labels.Count == 4 + more.Length
            && sample["address"].Equals(listener.Address.ToString(), StringComparison.Ordinal)
            && sample["port"].Equals(listener.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            && more.All(label => sample[label.Name].Equals(label.Value, StringComparison.Ordinal)));

    /// <summary>The value of the one series of a listener that must be there.</summary>
    /// <inheritdoc cref="OfListener"/>
    public static double ListenerValue(this Scrape scrape, string name, IPEndPoint listener, params (string Name, string Value)[] more) =>
        scrape.OfListener(name, listener, more)?.Value
        ?? throw new KeyNotFoundException($"no {name} of {listener}, only: {string.Join(", ", scrape.Samples(name).Select(sample => $"{sample["address"]}:{sample["port"]}"))}");
}
