using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>All states, derived from a filtered dump.</summary>
/// <param name="States">Sockets by state.</param>
/// <param name="Disagreement">
/// ESTABLISHED from snmp minus ESTABLISHED from sockstat, plus how far TIME_WAIT would be below 0. 0 on a quiet host.
/// </param>
/// <param name="Holds">True if the changes during the reads explain the disagreement. If not, do a full dump.</param>
public readonly record struct DerivedStates(TcpStateCounts States, long Disagreement, bool Holds);
