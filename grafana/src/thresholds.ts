// The levels that the dashboards colour and draw, beside those that the alert rules fire on. Ratios: 1 is the limit.

/** From `warn` on it is time to look, from `critical` on something is being lost or refused. */
export interface Levels {
  warn: number;
  critical: number;
}

/** Accept queue: length / limit. The kernel drops once the length is above the limit. */
export const fill: Levels = { warn: 0.8, critical: 1 };

/** Part of the time that a listener's accept queue was full. */
export const timeFull: Levels = { warn: 0.001, critical: 0.01 };

/** Ephemeral ports that the busiest destination takes, of those that the range offers. */
export const ports: Levels = { warn: 0.8, critical: 0.9 };

/** TIME_WAIT minisockets, of tcp_max_tw_buckets. */
export const timeWait: Levels = { warn: 0.8, critical: 1 };

/** Memory of TCP's buffers, of tcp_mem[1], where the kernel starts to shrink them. */
export const memory: Levels = { warn: 0.8, critical: 1 };

/** Sockets that no process holds, of tcp_max_orphans. Some count up to four times against it. */
export const orphans: Levels = { warn: 0.25, critical: 0.8 };

/** Segments sent again, of all segments sent. */
export const retransmitted: Levels = { warn: 0.02, critical: 0.05 };

/** Seconds since the exporter's last sample. */
export const sampleAge: Levels = { warn: 5, critical: 30 };

/** The least that counts as any: zero is good, anything above it is not. */
export const any = 1e-9;
