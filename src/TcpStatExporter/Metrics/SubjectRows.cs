using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Metrics;

/// <summary>A list of a sample, and the subject of each of its rows.</summary>
/// <param name="kind">What kind of thing a row is about.</param>
/// <param name="netns">The network namespace; empty for the host's own.</param>
/// <param name="nameOf">The name of a row: an object that stays the same as long as the thing is known.</param>
/// <param name="labelsOf">The label values that a name stands for. No two names of a list have the same.</param>
/// <typeparam name="TRow">A row.</typeparam>
/// <typeparam name="TName">Its name.</typeparam>
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
    /// Takes the rows of a scrape. Series of what is gone are removed first: its labels may be those of a new row. Where the
    /// rows are not known, nothing is gone, and what is known has no value.
    /// </summary>
    /// <param name="rows">The rows; null where they are not known.</param>
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

        // they belong to a sample that goes back now
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
