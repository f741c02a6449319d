using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>All states, derived from a filtered dump.</summary>
/// <param name="States">Sockets by state.</param>
/// <param name="Disagreement">ESTABLISHED by snmp minus ESTABLISHED by sockstat, plus what TIME_WAIT would be below 0; 0 on a quiet host.</param>
/// <param name="Holds">The disagreement is within what churn during the reads explains. If not, do a full dump.</param>
public readonly record struct DerivedStates(TcpStateCounts States, long Disagreement, bool Holds);
