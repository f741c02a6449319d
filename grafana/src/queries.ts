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
  `tcpstat_ephemeral_ports_busiest_destination_held{${selector}} / tcpstat_ephemeral_ports_limit{${selector}}`;
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

/** Seconds since what fires began, the time that it was pending included. */
export const firingFor = (selector: string) =>
  `time() - (ALERTS_FOR_STATE{alertname=~"Tcp.*", ${selector}} and ignoring (alertstate) ${firing(selector)})`;

/** Findings of the advisor that hold. */
export const finding = (selector: string) => `(tcpstat_finding{${selector}} == 1)`;

/** 3 for what is critical, 2 for a warning, 1 for the rest: words do not sort by how bad they are. */
export const severity = (series: (selector: string) => string, selector: string) =>
  [[3, '="critical"'], [2, '="warning"'], [1, '!~"critical|warning"']]
    .map(([rank, match]) => `${rank} * ${series(`severity${match}, ${selector}`)}`).join(' or ');

/** How many of a severity there are: 0 and not nothing, as long as `known` has a series. */
export const howMany = (series: (selector: string) => string, level: 'critical' | 'warning', selector: string, known: string) =>
  `count(${series(`severity="${level}", ${selector}`)}) or 0 * count(${known}{${selector}})`;

/** Alerts by name and by what they are about, in one label: address, port, owner and what else a rule tells. */
export const byPlace = (more: string, alerts: string) =>
  `max by (${more}alertname, place) (label_join(${alerts}, "place", " ", "address", "port", "unit", "family", "source", "netns"))`;

/** connect(2) that failed, of those begun. AttemptFails has half-open connections that came to nothing as well. */
export const connectFailures = (selector: string) => {
  const sum = (counter: string) => `sum(${rate(counter, selector)})`;
  return `clamp_max(clamp_min(${sum(tcp('attempt_fails'))} - ${sum(tcpExt('embryonic_rsts'))}, 0) / clamp_min(${sum(tcp('active_opens'))}, 1e-9), 1)`;
};
