// PromQL that both dashboards are made of.

/** The series of the hosts that the fleet dashboard is about. */
export const fleet = 'job=~"$job", instance=~"$instance"';

/** The series of the one host. */
export const host = 'job="$job", instance="$instance"';

/**
 * Those of its network namespaces that are chosen. The host's own carries no netns label: the variable's value for it
 * is "()", a pattern that matches the absent label, and must not be escaped.
 */
export const namespaces = `${host}, netns=~"\${namespace:pipe}"`;

/** Those of its listeners that are chosen. */
export const listeners = `${namespaces}, port=~"$listener"`;

/** What tells one listener of a host from another. */
export const listener = 'netns, address, port, unit';

/** Increase a second of a counter. */
export const rate = (counter: string, selector: string) => `rate(${counter}{${selector}}[$__rate_interval])`;

/** Increase of a counter over the range of the dashboard. */
export const increase = (counter: string, selector: string) => `increase(${counter}{${selector}}[$__range])`;

/** Largest value of a gauge over the range of the dashboard. */
export const largest = (gauge: string, selector: string) => `max_over_time(${gauge}{${selector}}[$__range])`;

/** Kernel counters by the end of their metric's name. */
export const tcp = (name: string) => `tcpstat_tcp_${name}_total`;
export const tcpExt = (name: string) => `tcpstat_tcpext_${name}_total`;

/**
 * The series of an expression, but only those that a second one ranks among the first ten: chosen once for the whole
 * range, so that lines do not come and go as topk alone would have it.
 */
export const worst = (expression: string, by: string, rank: string, most = 10) =>
  `${expression} and on (${by}) topk(${most}, ${rank})`;

/** What is used of a limit. Both have the same labels, but for `tcp_mem`'s levels. */
export const busiestPorts = (selector: string) =>
  `tcpstat_ephemeral_ports_busiest_destination_used{${selector}} / tcpstat_ephemeral_ports_limit{${selector}}`;
export const timeWaitUsed = (selector: string) =>
  `tcpstat_sockets_time_wait{${selector}} / tcpstat_sockets_time_wait_limit{${selector}}`;
export const memoryUsed = (selector: string) =>
  `tcpstat_memory_bytes{${selector}} / ignoring (level) tcpstat_memory_limit_bytes{${selector}, level="pressure"}`;

/** Segments sent again, of all that were sent. OutSegs leaves them out. Zero where nothing was sent. */
export const sentAgain = (grow: (counter: string, selector: string) => string, selector: string, by = '') => {
  const sum = (counter: string) => `sum${by && ` by (${by})`} (${grow(counter, selector)})`;
  const again = sum(tcp('retrans_segs'));
  return `${again} / clamp_min(${again} + ${sum(tcp('out_segs'))}, 1e-9)`;
};

/** Alerts of these rules that fire. */
export const firing = (selector: string) => `ALERTS{alertname=~"Tcp.*", alertstate="firing", ${selector}}`;
