using System.Globalization;
using System.Net;

namespace TcpStatExporter.EndToEnd.Exporter;

/// <summary>The series of one listener, whatever unit owns it. The owner depends on where the tests run.</summary>
internal static class ListenerSeries
{
    /// <summary>Returns the only series of a listener with a name, or null.</summary>
    /// <param name="scrape">The exposition.</param>
    /// <param name="name">Name of the series, including the suffix of a histogram.</param>
    /// <param name="listener">Bound address and port.</param>
    /// <param name="more">Labels in addition to address, port, device and unit.</param>
    public static MetricSample? OfListener(this Scrape scrape, string name, IPEndPoint listener, params (string Name, string Value)[] more) =>
        scrape.Samples(name).SingleOrDefault(sample =>
            sample.Labels.Count == 4 + more.Length
            && sample["address"].Equals(listener.Address.ToString(), StringComparison.Ordinal)
            && sample["port"].Equals(listener.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            && more.All(label => sample[label.Name].Equals(label.Value, StringComparison.Ordinal)));

    /// <summary>Returns the value of the only series of a listener. It must exist.</summary>
    /// <inheritdoc cref="OfListener"/>
    public static double ListenerValue(this Scrape scrape, string name, IPEndPoint listener, params (string Name, string Value)[] more) =>
        scrape.OfListener(name, listener, more)?.Value
        ?? throw new KeyNotFoundException($"no {name} of {listener}, only: {string.Join(", ", scrape.Samples(name).Select(sample => $"{sample["address"]}:{sample["port"]}"))}");
}
