using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Metrics;

/// <summary>A list of a sample and the subject of each row.</summary>
/// <param name="kind">The kind of subject.</param>
/// <param name="netns">The network namespace. Empty for the host's own.</param>
/// <param name="nameOf">Returns the name of a row: an object that stays the same as long as the thing is known.</param>
/// <param name="labelsOf">Returns the label values for a name. They are unique within a list.</param>
/// <typeparam name="TRow">The type of a row.</typeparam>
/// <typeparam name="TName">The type of its name.</typeparam>
internal sealed class SubjectRows<TRow, TName>(SubjectKind kind, string netns, NameOf<TRow, TName> nameOf, Func<TName, string[]> labelsOf) : ISubjectRows<TRow>
    where TRow : struct
    where TName : class
{
    private readonly Dictionary<TName, Subject> _known = [];
    private readonly List<Subject?> _subjects = [];
    private ValueList<TRow>? _rows;
    private uint _round;

    /// <inheritdoc/>
    public ReadOnlySpan<TRow> Rows => _rows is null ? [] : _rows.Span;

    /// <inheritdoc/>
    public ReadOnlySpan<Subject> Subjects => CollectionsMarshal.AsSpan(_subjects)!;

    /// <summary>
    /// Takes the rows of a scrape. Removes the series of rows that are gone first, because a new row may have the same
    /// labels. If the rows are unknown, nothing is removed, and the known subjects have no value.
    /// </summary>
    /// <param name="rows">The rows. Null if unknown.</param>
    public void Take(ValueList<TRow>? rows)
    {
        _rows = rows;
        _subjects.Clear();
        if (rows is null)
        {
            return;
        }

        _round++;
        var met = 0;
        foreach (ref readonly var row in Rows)
        {
            if (_known.TryGetValue(nameOf(row), out var subject))
            {
                subject.Round = _round;
                met++;
            }

            _subjects.Add(subject);
        }

        if (met < _known.Count)
        {
            RemoveOthers();
        }

        for (var i = 0; met < Rows.Length && i < Rows.Length; i++)
        {
            if (_subjects[i] is null)
            {
                var name = nameOf(Rows[i]);
                _subjects[i] = _known[name] = new Subject(kind, netns, labelsOf(name)) { Round = _round };
            }
        }
    }

    /// <summary>Ends a scrape.</summary>
    public void HideRest()
    {
        foreach (var subject in _known.Values)
        {
            subject.HideRest();
        }

        // they belong to a sample that is returned now
        _rows = null;
    }

    private void RemoveOthers()
    {
        foreach (var (name, subject) in _known)
        {
            if (subject.Round != _round)
            {
                subject.Remove();
                _known.Remove(name);
            }
        }
    }
}
