// The levels that the dashboards colour and draw. Where an alert has a threshold, it is the same: alerts/parameters.json has
// both. Ratios: 1 is the limit.
import { threshold, templating } from './parameters.js';

/** From `warn` on it is time to look, from `critical` on something is being lost or refused. Infinity: never. */
export interface Levels {
  warn: number;
  critical: number;
}

/** Accept queue: length / limit (TcpAcceptQueueFilling). The kernel drops once the length is above the limit. */
export const fill: Levels = { warn: threshold('acceptQueueFill'), critical: 1 };

/** A queue that never was fuller than this is no line of its own: the recording rules leave it out too. */
export const atRest = 0.25;

/** Ephemeral ports that the busiest destination takes, of those that the range offers (TcpEphemeralPortsExhausting). */
export const ports: Levels = { warn: threshold('ephemeralPortsWarning'), critical: threshold('ephemeralPortsCritical') };

/** TIME_WAIT minisockets, of tcp_max_tw_buckets (TcpTimeWaitTableNearLimit). */
export const timeWait: Levels = { warn: threshold('timeWaitFill'), critical: 1 };

/** Memory of TCP's buffers, of tcp_mem[1], where the kernel starts to shrink them (TcpMemoryPressure). */
export const memory: Levels = { warn: 0.8, critical: 1 };

/** The same memory, of tcp_mem[2], above which the kernel drops and aborts (TcpMemoryNearLimit). */
export const memoryOfHigh = threshold('memoryFill');

/** Sockets that no process holds, of tcp_max_orphans (TcpOrphansNearLimit). Some count up to four times against it. */
export const orphans: Levels = { warn: threshold('orphanFill'), critical: 1 };

/** Entries of the connection tracking table, of nf_conntrack_max (TcpConntrackTableNearLimit). */
export const conntrack: Levels = { warn: threshold('conntrackFill'), critical: 1 };

/** Seconds that connect(2) waits for an answer, on average (TcpConnectUnanswered). */
export const connectWait: Levels = { warn: threshold('connectWait'), critical: Infinity };

/** Segments of data sent again, of all segments sent (TcpRetransmissionsHigh). */
export const retransmitted: Levels = { warn: threshold('retransmittedShare'), critical: 0.15 };

/** Expiries of the retransmission timer a second (TcpTimeoutsHigh). */
export const timeouts: Levels = { warn: threshold('timeouts'), critical: Infinity };

/** connect(2) that failed, of all (TcpConnectFailuresHigh). */
export const connectFailures: Levels = { warn: threshold('connectFailuresShare'), critical: Infinity };

/** Connections that end in a reset, a second (TcpResetStorm). */
export const resets: Levels = { warn: threshold('resets'), critical: Infinity };

/** Received segments dropped for want of room, within five minutes (TcpReceiveQueueDrops). */
export const receiveDrops: Levels = { warn: threshold('receiveDrops'), critical: Infinity };

/** Seconds since the exporter's last sample. */
export const sampleAge: Levels = { warn: 5, critical: 30 };

/** A level in words. */
export const percent = (ratio: number) => `${templating.percent(ratio) ?? Math.round(100 * ratio)} %`;

/** The least that counts as any: zero is good, anything above it is not. */
const any = 1e-9;

/** Any is loss. */
export const anyCritical: Levels = { warn: any, critical: any };

/** Any is worth a look. */
export const anyWarning: Levels = { warn: any, critical: Infinity };

/** A figure that is neither good nor bad. */
export const never: Levels = { warn: Infinity, critical: Infinity };
