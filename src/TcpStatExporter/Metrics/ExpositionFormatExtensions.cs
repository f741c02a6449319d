namespace TcpStatExporter.Metrics;

/// <summary>HTTP headers for a format.</summary>
internal static class ExpositionFormatExtensions
{
    /// <summary>Returns the Content-Type header of a page in this format, exactly as its specification spells it.</summary>
    /// <param name="format">Format of the page.</param>
    public static string ContentType(this ExpositionFormat format) => format switch
    {
        ExpositionFormat.OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        _ => "text/plain; version=0.0.4; charset=utf-8",
    };
}
