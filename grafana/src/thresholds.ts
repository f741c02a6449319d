// The levels that the dashboards colour and draw: those of alerts/tcpstat.rules.yml where it has one. Ratios: 1 is the limit.

/** From `warn` on it is time to look, from `critical` on something is being lost or refused. */
export interface Levels {
  warn: number;
  critical: number;
}

/** Accept queue: length / limit (TcpAcceptQueueFilling). The kernel drops once the length is above the limit. */
export const fill: Levels = { warn: 0.9, critical: 1 };

/** Part of the time that a listener's accept queue was full. */
export const timeFull: Levels = { warn: 0.001, critical: 0.01 };

/** Ephemeral ports that the busiest destination takes, of those that the range offers (TcpEphemeralPortsExhausting). */
export const ports: Levels = { warn: 0.8, critical: 0.99 };

/** TIME_WAIT minisockets, of tcp_max_tw_buckets (TcpTimeWaitTableNearLimit). */
export const timeWait: Levels = { warn: 0.85, critical: 1 };

/** Memory of TCP's buffers, of tcp_mem[1], where the kernel starts to shrink them (TcpMemoryPressure). */
export const memory: Levels = { warn: 0.8, critical: 1 };

/** Sockets that no process holds, of tcp_max_orphans. Some count up to four times against it. */
export const orphans: Levels = { warn: 0.25, critical: 0.8 };

/** Segments sent again, of all segments sent (TcpRetransmissionsHigh). */
export const retransmitted: Levels = { warn: 0.05, critical: 0.15 };

/** A limit of which this part is used is near. */
export const near = 0.8;

/** Seconds since the exporter's last sample. */
export const sampleAge: Levels = { warn: 5, critical: 30 };

/** The least that counts as any: zero is good, anything above it is not. */
export const any = 1e-9;
