using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor;

/// <summary>One thing to change: a kernel parameter, or something that only people and applications can do.</summary>
internal sealed record Change
{
    private Change(string text, Sysctl? parameter, string value, string old)
    {
        Text = text;
        Parameter = parameter;
        Value = value;
        Old = old;
    }

    /// <summary>What to do, and for a kernel parameter why this value.</summary>
    public string Text { get; }

    /// <summary>The kernel parameter, where it is one.</summary>
    public Sysctl? Parameter { get; }

    /// <summary>Its new value, as sysctl(8) takes it.</summary>
    public string Value { get; }

    /// <summary>Its value now.</summary>
    public string Old { get; }

    /// <summary>To set a kernel parameter.</summary>
    /// <param name="context">Where the old value is.</param>
    /// <param name="parameter">Which.</param>
    /// <param name="value">Its new value, as sysctl(8) takes it.</param>
    /// <param name="text">Why this value.</param>
    public static Change Set(AdvisorContext context, Sysctl parameter, string value, string text) =>
        new(text, parameter, value, context.Text(parameter));

    /// <summary>To do something else.</summary>
    /// <param name="text">What.</param>
    public static Change Do(string text) => new(text, null, "", "");
}
