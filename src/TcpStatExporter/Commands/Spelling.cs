namespace TcpStatExporter.Commands;

/// <summary>Guesses what a user meant by a mistyped name.</summary>
internal static class Spelling
{
    /// <summary>
    /// Returns the closest of several names: one that contains the typed text, or differs in at most a third of its letters.
    /// Null if there is none.
    /// </summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="names">The names.</param>
    public static string? Closest(string typed, IEnumerable<string> names) =>
        (from name in names
         let distance = Distance(typed.ToUpperInvariant(), name.ToUpperInvariant())
         let isPart = typed.Length > 2 && name.Contains(typed, StringComparison.OrdinalIgnoreCase)
         where isPart || distance <= Math.Max(1, name.Length / 3)
         orderby isPart ? distance - name.Length : distance, name.Length
         select name).FirstOrDefault();

    /// <summary>Levenshtein distance: how many letters to insert, remove or replace.</summary>
    private static int Distance(string one, string other)
    {
        var row = new int[other.Length + 1];
        for (var j = 0; j < row.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[other.Length];
    }
}
