// The levels that the dashboards colour and draw. If an alert has a threshold, it is the same one, from
// alerts/parameters.json. Ratios: 1 is the limit.
import { threshold, templating } from './parameters.js';

/** From `warn` on, somebody should look. From `critical` on, something is being lost or refused. Infinity: never. */
export interface Levels {
  warn: number;
  critical: number;
}

/** Accept queue: length / limit (TcpAcceptQueueFilling). The kernel drops once the length is above the limit. */
export const fill: Levels = { warn: threshold('acceptQueueFill'), critical: 1 };

/** A queue that never was fuller than this is no line of its own: the recording rules leave it out too. */
export const atRest = 0.25;

/** Ephemeral ports used by the busiest destination, as a share of the range (TcpEphemeralPortsExhausting). */
export const ports: Levels = { warn: threshold('ephemeralPortsWarning'), critical: threshold('ephemeralPortsCritical') };

/** TIME_WAIT minisockets ÷ tcp_max_tw_buckets (TcpTimeWaitTableNearLimit). */
export const timeWait: Levels = { warn: threshold('timeWaitFill'), critical: 1 };

/** TCP buffer memory ÷ tcp_mem[1], where the kernel starts to shrink buffers (TcpMemoryPressure). */
export const memory: Levels = { warn: 0.8, critical: 1 };

/** The same memory ÷ tcp_mem[2], above which the kernel drops and aborts (TcpMemoryNearLimit). */
export const memoryOfHigh = threshold('memoryFill');

/** Sockets without a process ÷ tcp_max_orphans (TcpOrphansNearLimit). Some count up to four times. */
export const orphans: Levels = { warn: threshold('orphanFill'), critical: 1 };

/** Connection tracking entries ÷ nf_conntrack_max (TcpConntrackTableNearLimit). */
export const conntrack: Levels = { warn: threshold('conntrackFill'), critical: 1 };

/** Seconds that connect(2) waits for an answer, on average (TcpConnectUnanswered). */
export const connectWait: Levels = { warn: threshold('connectWait'), critical: Infinity };

/** Retransmitted data segments ÷ all sent segments (TcpRetransmissionsHigh). */
export const retransmitted: Levels = { warn: threshold('retransmittedShare'), critical: 0.15 };

/** Expirations of the retransmission timer per second (TcpTimeoutsHigh). */
export const timeouts: Levels = { warn: threshold('timeouts'), critical: Infinity };

/** Failed connects ÷ all connects (TcpConnectFailuresHigh). */
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
