using System.IO.Enumeration;

namespace TcpStatExporter.Namespaces;

/// <summary>Selects network namespaces to sample, by name.</summary>
/// <param name="include">Patterns. At least one has to match. An empty list selects all.</param>
/// <param name="exclude">Patterns. None of them may match.</param>
internal sealed class NetnsFilter(IReadOnlyList<string> include, IReadOnlyList<string> exclude)
{
    /// <summary>Returns true if a namespace is sampled.</summary>
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
