// PromQL for both dashboards.
import { clusterLabel, templating } from './parameters.js';

/**
 * Series of the selected clusters, within the selector. The label cluster, if there is one, distinguishes hosts of the same
 * name. For hosts without it, the variable's value is "()", a pattern that matches the absent label. It must not be escaped.
 */
export const clusters = `${templating.matchers}${clusterLabel}=~"\${cluster:pipe}"`;

/** The series of the hosts on the fleet dashboard. */
export const fleet = `${clusters}, job=~"$job", instance=~"$instance"`;

/** The series of the one host. */
export const host = `${clusters}, job="$job", instance="$instance"`;

/** The label in_netns is the value that the variable netns of the host dashboard needs, for the same reason. */
export const withNetns = (series: string) =>
  `label_replace(label_replace(${series}, "in_netns", "$1", "netns", "(.+)"), "in_netns", "()", "netns", "")`;

/** The labels that identify a host. */
export const byHost = `${clusterLabel}, job, instance`;

/**
 * The label in_cluster of each series is the value that the variable cluster needs for its host. Links need it, because
 * Grafana does not replace an absent label in a link.
 */
export const withCluster = (series: string) =>
  `label_replace(label_replace(${series}, "in_cluster", "$1", "${clusterLabel}", "(.+)"), "in_cluster", "()", "${clusterLabel}", "")`;

/** The host's own series, whatever network namespace is selected. Series of pods and containers have the label netns. */
export const own = `${host}, netns=""`;

/** Series of the host's pods and containers. */
export const pods = `${host}, netns!=""`;

/** Series of the one pod or container that a repeated row is about. Without any pod its name is empty, and that must not be the host. */
export const onePod = `${pods}, netns=~"$pod"`;

/** The same for the hosts on the fleet dashboard, and of the selected pods. */
export const fleetOwn = `${fleet}, netns=""`;
export const fleetPods = `${fleet}, netns=~"$netns"`;

/**
 * Series of the selected network namespace. The host's own has no netns label, so the variable's value for it is "()", a
 * pattern that matches the absent label. It must not be escaped.
 */
export const namespaces = `${host}, netns=~"\${netns:pipe}"`;

/** The selected listeners. */
export const listeners = `${namespaces}, port=~"$listener"`;

/** The labels that identify a listener of a host. */
export const listener = 'netns, address, port, device, unit';

/** The address as in ss, with the device or scope if there is one: 0.0.0.0%red0. The label device stays. */
export const scoped = (series: string) =>
  `label_replace(label_join(${series}, "address", "%", "address", "device"), "address", "$1", "address", "(.*)%")`;

/** Increase of a counter per second. */
export const rate = (counter: string, selector: string) => `rate(${counter}{${selector}}[$__rate_interval])`;

/** Increase of a counter over the range of the dashboard. */
export const increase = (counter: string, selector: string) => `increase(${counter}{${selector}}[$__range])`;

/** Maximum of a gauge over the range of the dashboard. */
export const largest = (gauge: string, selector: string) => `max_over_time(${gauge}{${selector}}[$__range])`;

/** A recorded series. A page for many hosts uses only these, so it also works with a central store. */
export const recorded = (name: string, selector: string) => `${name}{${selector}}`;

/** The increase over the last two minutes, from a recorded series of exactly that. */
export const lately = (counted: string, selector: string, by: string) => `sum by (${by}) (${counted}{${selector}})`;

/**
 * The same over the range of the dashboard: one value every two minutes. The last one may be two minutes old, so the result
 * is at least the current two-minute increase.
 */
export const countedIn = (counted: string, selector: string, by: string) => {
  const range = `sum by (${by}) (sum_over_time(${counted}{${selector}}[$__range:2m]))`;
  const now = lately(counted, selector, by);
  return `(${range} >= ${now} or ${now} or ${range})`;
};

/** Kernel counters by the end of their metric's name. */
export const tcp = (name: string) => `tcpstat_tcp_${name}_total`;
export const tcpExt = (name: string) => `tcpstat_tcpext_${name}_total`;

/** Lines that a graph has at most. The tables have the rest. */
const few = 5;

/**
 * The first few lines by a rank, which leaves out those at rest and is the same for the whole range: lines do not come and
 * go as topk alone would have it.
 */
export const foremost = (lines: string, by: string, rank: string) => `${lines} and on (${by}) topk(${few}, ${rank})`;

/** All other lines as one: at rest they would lie on one another. */
export const others = (together: 'max' | 'sum', lines: string, by: string, rank: string) =>
  `${together}(${lines} unless on (${by}) topk(${few}, ${rank}))`;

/** The largest value of a gauge in the range, the same for each point of a graph. */
export const largestInRange = (gauge: string, selector: string, by: string) =>
  `max by (${by}) (max_over_time(${gauge}{${selector}}[$__range] @ end()))`;

/** A line of a graph, and what is above zero if the line ever is. */
export interface Part {
  name: string;
  expr: string;
  moved: string;
}

/** Name of the line that stands for all that stayed at zero. */
export const atZero = 'the rest: 0';

/** Those lines that are ever above zero, and one for all that stay there. Their names are the label "line". */
export function parts(all: Part[]): string {
  const named = (expr: (part: Part) => string) =>
    `(${all.map((part) => `label_replace(${expr(part)}, "line", "${part.name}", "", "")`).join(' or ')})`;
  const lines = named(({ expr }) => expr);
  const moved = `(${named((part) => part.moved)} > 0)`;
  return `label_replace(0 * max(${lines} unless on (line) ${moved}), "line", "${atZero}", "", "") or (${lines} and on (line) ${moved})`;
}

/** Used ÷ limit. */
export const busiestPorts = (selector: string) => recorded('instance:tcpstat_ephemeral_ports_busiest_destination:ratio', selector);
export const timeWaitUsed = (selector: string) => recorded('instance:tcpstat_sockets_time_wait:ratio', selector);
export const memoryUsed = (selector: string) => recorded('instance:tcpstat_memory_pressure:ratio', selector);

/** Retransmitted data segments as a share of all sent segments, over five minutes: what TcpRetransmissionsHigh compares. */
export const dataSentAgain = (selector: string) => recorded('instance:tcpstat_tcp_data_retrans:ratio_rate5m', selector);

/** Alerts of these rules, by name. */
const ours = 'alertname=~"(Tcp|Udp|Unix).+"';

/** Firing alerts of these rules. */
export const firing = (selector: string) => `ALERTS{${ours}, alertstate="firing", ${selector}}`;

/** Is there one of these that fires? Names of alerts, or all of them. */
const fires = (level: 'critical' | 'warning', selector: string, alerts?: string[]) =>
  `count(ALERTS{${alerts ? `alertname=~"${alerts.join('|')}"` : ours}, alertstate="firing", severity="${level}", ${selector}})`;

/** What the label "alert" adds to the name of a figure. */
export const judgements = { critical: ' · critical', warning: ' · warning', elsewhere: ' · no alert' };

/**
 * One figure, and in its label "alert" what the alerts say: one that is about it fires, or only a critical one that is
 * about something else. "Else" includes what the figure does not count: `everything` selects more series than `selector`.
 */
export function judged(value: string, alerts: string[], selector: string, everything: string): string {
  const while_ = (condition: string, words: string) => `label_replace((${value}) and on () ${condition}, "alert", "${words}", "", "")`;
  return [
    while_(fires('critical', selector, alerts), judgements.critical),
    while_(fires('warning', selector, alerts), judgements.warning),
    while_(fires('critical', everything), judgements.elsewhere),
    `(${value})`,
  ].join(' or on () ');
}

/** Seconds since the start of firing alerts, including their pending time. */
export const firingFor = (selector: string) =>
  `time() - (ALERTS_FOR_STATE{${ours}, ${selector}} and ignoring (alertstate) ${firing(selector)})`;

/** Current findings of the advisor. */
export const finding = (selector: string) => recorded('instance:tcpstat_finding:held', selector);

/** 3 for critical, 2 for warning, 1 for the rest, because words cannot be sorted by severity. */
export const severity = (series: (selector: string) => string, selector: string) =>
  [[3, '="critical"'], [2, '="warning"'], [1, '!~"critical|warning"']]
    .map(([rank, match]) => `${rank} * ${series(`severity${match}, ${selector}`)}`).join(' or ');

/** How many of a severity there are: 0 and not nothing, as long as it is known. */
export const howMany = (series: (selector: string) => string, level: 'critical' | 'warning', selector: string, known: string) =>
  `count(${series(`severity="${level}", ${selector}`)}) or 0 * count(${known})`;

/** Alerts by name and by subject, in one label: address, port, owner, destination and whatever else a rule reports. */
export const byPlace = (more: string, alerts: string) =>
  `max by (${more}alertname, place) (label_join(${scoped(alerts)}, "place", " ", "address", "port", "path", "unit", "destination", "family", "source", "netns"))`;

/** Failed connects as a share of all connects, over five minutes: what TcpConnectFailuresHigh compares. */
export const connectFailures = (selector: string) => recorded('instance:tcpstat_connect_failures:ratio_rate5m', selector);
