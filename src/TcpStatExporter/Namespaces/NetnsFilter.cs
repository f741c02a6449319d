using System.IO.Enumeration;

namespace TcpStatExporter.Namespaces;

/// <summary>Which network namespaces are sampled, by name.</summary>
/// <param name="include">Patterns, of which one has to match; none: all.</param>
/// <param name="exclude">Patterns, of which none may match.</param>
internal sealed class NetnsFilter(IReadOnlyList<string> include, IReadOnlyList<string> exclude)
{
    /// <summary>Whether a namespace is sampled.</summary>
    /// <param name="name">Its name.</param>
    public bool Selects(string name) => (include.Count == 0 || Matches(include, name)) && !Matches(exclude, name);

    private static bool Matches(IReadOnlyList<string> patterns, string name)
    {
        foreach (var pattern in patterns)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))
            {
                return true;
            }
        }

        return false;
    }
}
