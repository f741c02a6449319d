using System.Globalization;

namespace TcpStatExporter.Benchmarks;

/// <summary>Flags of a command: <c>--name value</c>, each at most once.</summary>
internal sealed class Flags
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Parses the flags.</summary>
    /// <param name="arguments">The arguments after the command.</param>
    /// <param name="known">The names that the command knows.</param>
    /// <exception cref="ArgumentException">Another name, or a name without a value.</exception>
    public Flags(ReadOnlySpan<string> arguments, params string[] known)
    {
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (!known.Contains(arguments[i], StringComparer.Ordinal) || i + 1 == arguments.Length)
            {
                throw new ArgumentException($"{arguments[i]}: the flags, each with a value, are {string.Join(", ", known)}", nameof(arguments));
            }

            _values.Add(arguments[i], arguments[i + 1]);
        }
    }

    /// <summary>Returns the text of a flag.</summary>
    /// <param name="name">The flag.</param>
    /// <param name="otherwise">The default.</param>
    public string Text(string name, string otherwise) => _values.GetValueOrDefault(name, otherwise);

    /// <summary>Returns the numbers of a flag, separated by commas.</summary>
    /// <param name="name">The flag.</param>
    /// <param name="otherwise">The default.</param>
    public double[] Numbers(string name, params double[] otherwise) =>
        _values.TryGetValue(name, out var text) ? [.. text.Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture))] : otherwise;
}
