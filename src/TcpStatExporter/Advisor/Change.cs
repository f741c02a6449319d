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

    /// <summary>What to do. For a kernel parameter: why this value.</summary>
    public string Text { get; }

    /// <summary>The kernel parameter. Null if it is not one.</summary>
    public Sysctl? Parameter { get; }

    /// <summary>Its new value, in the format of sysctl(8).</summary>
    public string Value { get; }

    /// <summary>Its current value.</summary>
    public string Old { get; }

    /// <summary>Creates a change of a kernel parameter.</summary>
    /// <param name="context">Provides the old value.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="value">Its new value, in the format of sysctl(8).</param>
    /// <param name="text">Why this value.</param>
    public static Change Set(AdvisorContext context, Sysctl parameter, string value, string text) =>
        new(text, parameter, value, context.Text(parameter));

    /// <summary>Creates any other change.</summary>
    /// <param name="text">What to do.</param>
    public static Change Do(string text) => new(text, null, "", "");
}
