// Which alerts a tile is about: while one of them fires, the tile has its colour. Every critical alert is in one of them.
export const about = {
  loss: ['TcpListenerDroppingConnections', 'TcpAcceptQueueOverflow', 'TcpSynQueueOverflow', 'TcpListenerGone', 'TcpConntrackTableFull'],
  queues: ['TcpAcceptQueueFilling', 'TcpAcceptQueueOverflow', 'TcpAcceptQueueWait', 'TcpListenerStuckWorker'],
  ports: ['TcpEphemeralPortsExhausting'],
  timeWait: ['TcpTimeWaitTableFull'],
  memory: ['TcpMemoryPressure', 'TcpMemoryNearLimit', 'TcpOrphansNearLimit', 'TcpAbortOnMemory'],
  network: ['TcpRetransmissionsHigh', 'TcpTimeoutsHigh', 'TcpConnectUnanswered', 'TcpConnectFailuresHigh', 'TcpConnectionsLost'],
  exporter: ['TcpStatExporterDown', 'TcpStatExporterSourceFailing', 'TcpStatExporterSamplesMissed'],
};
