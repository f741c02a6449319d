import { about } from './about.js';
import {
  alertAnnotation, all, clusterVariable, datasourceVariable, fleetUid, hostLink, hostUid, labelVariable, listenerLink, otherDashboard,
  runbookLink, start,
} from './dashboards.js';
import { allOthers, count, duration, graph, grid, none, perSecond, severities, verdict, words } from './panels.js';
import { clusterLabel } from './parameters.js';
import {
  busiestPorts, byHost, byPlace, clusters, countedIn, dataSentAgain, finding, firing, firingFor, fleet, foremost, howMany, largest, lately, listener,
  others,
  memoryUsed, recorded, scoped, severity, timeWaitUsed, withCluster,
} from './queries.js';
import { findings } from './findings.js';
import * as level from './thresholds.js';

const byListener = `${byHost}, ${listener}`;
const hostLost = 'instance:tcpstat_tcpext_listen_drops:increase2m';
const hostFill = 'instance:tcpstat_listen_queue_fill_ratio_peak:max';
const hostLostRate = 'instance:tcpstat_tcpext_listen_drops:rate5m';

const lostNow = lately(hostLost, fleet, byHost);
const lost = countedIn(hostLost, fleet, byHost);

// how far the worst limit of each host is towards its level, which the table colours. After "max by host" the three have the
// same labels, so "or" needs a label to distinguish them
const nearestLimit = (reached: keyof level.Levels) => `max by (${byHost}) (${([
  ['ports', busiestPorts(fleet), level.ports],
  ['time_wait', timeWaitUsed(fleet), level.timeWait],
  ['memory', memoryUsed(fleet), level.memory],
] as const).map(([name, expr, levels]) =>
  `label_replace(max by (${byHost}) (${expr}) / ${levels[reached]}, "limit", "${name}", "", "")`).join(' or ')})`;

// only listeners worth a look have recorded series
const largestOf = (figure: string) => `max by (${byListener}) (${largest(`listener:tcpstat_listen_${figure}:busy`, fleet)})`;
const counted = 'listener:tcpstat_listen_lost:increase2m';
const fill = largestOf('queue_fill_ratio_peak');
const peak = largestOf('queue_peak');

// if the fill is known, a missing loss means zero; with only procfs, both are unknown
const lostAtListener = `(${countedIn(counted, fleet, byListener)} or 0 * ${fill})`;

// any loss outweighs any fill; without both, the queue length is used
const worstListeners = `topk(50, 1000 * ${countedIn(counted, fleet, byListener)} or ${fill} or 1e-6 * ${peak})`;
const ofWorst = (expr: string) => withCluster(scoped(`(${expr} and on (${byListener}) ${worstListeners})`));

// losses that no listener accounts for: rows next to those of listeners
const unexplained = (count: (counted: string, selector: string, by: string) => string) =>
  `label_replace(topk(50, ${count('instance:tcpstat_listen_lost_unattributed:increase2m', fleet, `${byHost}, netns`)}), "address", "no listener", "", "")`;
const withUnexplained = (atListeners: string, count: typeof lately) => `${ofWorst(atListeners)} or ${withCluster(unexplained(count))}`;

/** Queries of a graph of a few hosts, by a rank that leaves out those at rest, and of all others as one line. */
const fewHosts = (together: 'max' | 'sum', series: string, rank: string) => [
  { expr: foremost(series, byHost, rank), legend: `{{instance}} {{${clusterLabel}}}` },
  { expr: others(together, series, byHost, rank), legend: allOthers[together] },
];

export const fleetDashboard = () => start(
  fleetUid,
  'TCP / Fleet',
  'Which hosts and which listeners lose connections now, or are about to. A host leads to its page, a port to its listener there.')
  .withVariable(datasourceVariable())
  .withVariable(clusterVariable(`Clusters, by the label "${clusterLabel}" of targets. "none" are those without one.`)
    .multi(true).includeAll(true).allValue('.*').current(all))
  .withVariable(labelVariable('job', 'Job', 'Scrape jobs of exporters.', `tcpstat_build_info{${clusters}}`, 'job')
    .multi(true).includeAll(true).current(all))
  .withVariable(labelVariable('instance', 'Host', 'Hosts, as Prometheus names their exporters; those that are down too.', `up{${clusters}, job=~"$job"}`, 'instance')
    .multi(true).includeAll(true).allValue('.*').current(all))
  .annotation(alertAnnotation('critical', fleet))
  // a fleet always has some, so show them only on a click
  .annotation(alertAnnotation('warning', fleet, false))
  .link(otherDashboard('TCP / Host', hostUid))

  .withPanel(verdict({
    title: 'Hosts losing',
    description: 'Hosts that lost connection attempts at a listener (TcpExtListenDrops): in the last two minutes, and in the time range.\n\nIt counts packets: one client that retries makes a host count just as a thousand do.',
    width: 4, height: 5, unit: count, decimals: 0, levels: level.anyCritical, mappings: [none], alerts: { names: about.loss, selector: fleet },
    queries: [
      { expr: `sum(${lostNow} > bool 0)`, legend: 'in 2 min' },
      { expr: `sum(${lost} > bool 0)`, legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Lost at listeners',
    description: 'Connection attempts that all these hosts lost (TcpExtListenDrops, which includes ListenOverflows: never add the two), in the last two minutes and in the time range.\n\nPackets, not clients: a client that is dropped sends its SYN again and again, the first time after a second.\n\nWhat a listener discards and nobody misses (sk_drops) is not in it.',
    width: 4, height: 5, unit: count, decimals: 0, levels: level.anyCritical, mappings: [none], alerts: { names: about.loss, selector: fleet },
    queries: [
      { expr: `sum(${lostNow})`, legend: 'in 2 min' },
      { expr: `sum(${lost})`, legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Fullest queue',
    description: 'Length / limit of the fullest socket of any listener, as the largest sample of the peak window (now) and of the time range. Above 100 % the kernel drops.\n\nIt shows one stuck worker that sums over a SO_REUSEPORT group hide. Absent where a host lets only procfs be read.',
    width: 4, height: 5, unit: 'percentunit', decimals: 0, levels: level.fill, alerts: { names: about.queues, selector: fleet },
    queries: [
      { expr: `max(${recorded(hostFill, fleet)})`, legend: 'now' },
      { expr: `max(${largest(hostFill, fleet)})`, legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Near a limit',
    description: `Hosts where ephemeral ports of one destination (from ${level.percent(level.ports.warn)}), TIME_WAIT buckets (${level.percent(level.timeWait.warn)}) or TCP memory (${level.percent(level.memory.warn)}) are near their limit, and those of them where one is full. The table paints the same.\n\nNone of these shows in a counter before it is too late; running out of ports never does.`,
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyWarning, mappings: [none],
    alerts: { names: [...about.ports, ...about.timeWait, ...about.memory], selector: fleet },
    queries: [
      { expr: `sum(${nearestLimit('critical')} >= bool 1)`, legend: 'full', levels: level.anyCritical },
      { expr: `sum(${nearestLimit('warn')} >= bool 1)`, legend: 'near' },
    ],
  }))
  .withPanel(verdict({
    title: 'Findings',
    description: 'Findings of the exporter\'s advisor on all hosts: settings and states that hurt, or will. Critical ones lose connections now. Those for information are left out. Judged once a minute.\n\nWhat cannot be told on a host counts as none: see Down, and the sources on its page.',
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyWarning, mappings: [none],
    neverGreen: true,
    queries: [
      { expr: howMany(finding, 'critical', fleet, `tcpstat_build_info{${fleet}}`), legend: 'critical', levels: level.anyCritical },
      { expr: howMany(finding, 'warning', fleet, `tcpstat_build_info{${fleet}}`), legend: 'warning' },
    ],
  }))
  .withPanel(verdict({
    title: 'Alerts',
    description: 'Firing alerts whose name starts with Tcp, Udp or Unix, as Prometheus has them; Alertmanager may have silenced some. Those for information are left out here, and stand in the table below.',
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyWarning, mappings: [none],
    queries: [
      { expr: howMany(firing, 'critical', fleet, `up{${fleet}} == 1`), legend: 'critical', levels: level.anyCritical },
      { expr: howMany(firing, 'warning', fleet, `up{${fleet}} == 1`), legend: 'warning' },
    ],
  }))
  .withPanel(verdict({
    title: 'Down',
    description: 'Exporters that Prometheus cannot scrape. Such a host shows nothing on this page, good or bad: silence is not health.',
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyCritical, mappings: [none], alerts: { names: about.exporter, selector: fleet },
    queries: [{ expr: `count(up{${fleet}}) - sum(up{${fleet}})`, legend: 'now' }],
  }))

  .withPanel(grid({
    title: 'Hosts: the most loss first, then the fullest queue',
    description: '**Lost packets**: connection attempts lost at listeners (TcpExtListenDrops) in the time range, and in the last two minutes (**in 2 min**). **Worst fill**: the fullest accept queue, 100 % is the limit. **Ports**: of those that the range offers, taken by the busiest destination. **TIME_WAIT**: of tcp_max_tw_buckets. **Memory**: of tcp_mem\'s pressure level. **Sent again**: segments of data, of all sent. **Stopped**: services that stopped listening within the last hour and have not come back.\n\n**Alert**: the worst that fires.\n\nA blank cell is a figure that this host does not give, not a zero. A host that is down stays in the table with blank cells.',
    width: 24, height: 8,
    sortBy: ['Lost packets', 'Worst fill'],
    columns: [
      { title: 'Host', label: 'instance', least: 100, link: { title: 'This host', url: hostLink() } },
      { title: 'Cluster', label: clusterLabel, width: 80 },
      { title: 'Job', label: 'job', width: 80 },
      { title: 'Exporter', expr: withCluster(`max by (${byHost}) (up{${fleet}})`), width: 85, mappings: [words({ 0: ['DOWN', 'red'], 1: ['up', 'text'] })], levels: level.never },
      { title: 'Lost packets', expr: withCluster(lost), decimals: 0, width: 128, levels: level.anyCritical },
      { title: 'in 2 min', expr: withCluster(lostNow), decimals: 0, width: 80, levels: level.anyCritical },
      { title: 'Worst fill', expr: withCluster(`max by (${byHost}) (${largest(hostFill, fleet)})`), unit: 'percentunit', decimals: 0, least: 100, levels: level.fill, bar: true },
      { title: 'Ports', expr: withCluster(`max by (${byHost}) (${busiestPorts(fleet)})`), unit: 'percentunit', decimals: 0, width: 70, levels: level.ports },
      { title: 'TIME_WAIT', expr: withCluster(`max by (${byHost}) (${timeWaitUsed(fleet)})`), unit: 'percentunit', decimals: 0, width: 97, levels: level.timeWait },
      { title: 'Memory', expr: withCluster(`max by (${byHost}) (${memoryUsed(fleet)})`), unit: 'percentunit', decimals: 0, width: 80, levels: level.memory },
      { title: 'Sent again', expr: withCluster(`max by (${byHost}) (${dataSentAgain(fleet)})`), unit: 'percentunit', decimals: 1, width: 97, levels: level.retransmitted },
      { title: 'Established', expr: withCluster(`sum by (${byHost}) (${recorded('instance:tcpstat_connections_established:sum', fleet)})`), decimals: 0, width: 102 },
      { title: 'Stopped', expr: withCluster(`sum by (${byHost}) (${recorded('instance:tcpstat_listen_closed:count', fleet)})`), decimals: 0, width: 80, levels: level.anyWarning },
      { title: 'Alert', expr: withCluster(`max by (${byHost}) (${severity(firing, fleet)}) or 0 * max by (${byHost}) (up{${fleet}})`), width: 78, mappings: [severities], levels: level.never },
    ],
  }))
  .withPanel(grid({
    title: 'Listeners: the most loss first, then the fullest queue',
    description: 'The 50 worst of the listeners that lost something or were a quarter full. **Lost packets**: connection requests and finished handshakes lost at this listener in the time range, and in the last two minutes (**in 2 min**). A client that retries counts again. What a host lost and no listener accounts for has a row of its own, "no listener": a listener without series, or evidence that fits several. **Worst fill**: of the fullest socket in the group. **Longest** and **Limit**: the accept queue, summed over the group; the limit is min(backlog, somaxconn) as fixed at listen(2), so a new somaxconn needs the application to listen again. **Half-open**: the most in the SYN queue in the time range.\n\nFill and limit are blank where a host lets only procfs be read, and loss is not told by listener there.',
    width: 24, height: 7,
    sortBy: ['Lost packets', 'Worst fill'],
    columns: [
      { title: 'Host', label: 'instance', least: 100, link: { title: 'This host', url: hostLink() } },
      { title: 'Cluster', label: clusterLabel, width: 80 },
      { title: 'Job', label: 'job', width: 80 },
      { title: 'Namespace', label: 'netns', width: 165, wrap: true },
      { title: 'Address', label: 'address', least: 100 },
      { title: 'Port', label: 'port', width: 65, link: { title: 'This listener on its host', url: listenerLink } },
      { title: 'Owner', label: 'unit', least: 100, wrap: true },
      { title: 'Lost packets', expr: withUnexplained(lostAtListener, countedIn), decimals: 0, width: 128, levels: level.anyCritical },
      { title: 'in 2 min', expr: withUnexplained(`(${lately(counted, fleet, byListener)} or 0 * ${fill})`, lately), decimals: 0, width: 80, levels: level.anyCritical },
      { title: 'Worst fill', expr: ofWorst(fill), unit: 'percentunit', decimals: 0, least: 100, levels: level.fill, bar: true },
      { title: 'Longest', expr: ofWorst(peak), decimals: 0, width: 80 },
      { title: 'Limit', expr: ofWorst(largestOf('queue_limit')), decimals: 0, width: 65 },
      { title: 'Half-open', expr: ofWorst(largestOf('syn_queue_peak')), decimals: 0, width: 90 },
    ],
  }))

  .withPanel(graph({
    title: 'Lost at listeners, the worst hosts',
    description: 'TcpExtListenDrops a second, over five minutes: SYNs, finishing ACKs and half-open connections that listeners lost for any reason. The five hosts that lost most, and all others together.\n\nRetries make waves: clients dropped together come back together, delayed by a second or more.',
    width: 12, height: 8, unit: perSecond, interval: '1m',
    queries: fewHosts(
      'sum',
      `sum by (${byHost}) (${recorded(hostLostRate, fleet)})`,
      `sum by (${byHost}) (avg_over_time(${recorded(hostLost, fleet)}[$__range:1m] @ end())) > 0`),
  }))
  .withPanel(graph({
    title: 'Fullest accept queue, the worst hosts',
    description: 'Largest fill of any listener within the peak window. The five fullest of the hosts where a queue was more than a quarter full, and one line for the fullest of all others. The lines are at 90 %, where an alert begins, and at 100 %, above which the kernel drops.\n\nThe peak window (60 s unless set otherwise) holds a burst for that long: the burst itself may have taken a second.',
    width: 12, height: 8, unit: 'percentunit', levels: level.fill, interval: '1m',
    queries: fewHosts(
      'max',
      `max by (${byHost}) (${recorded(hostFill, fleet)})`,
      `max by (${byHost}) (max_over_time(${recorded(hostFill, fleet)}[$__range:1m] @ end())) > ${level.atRest}`),
  }))

  .withPanel(grid({
    title: 'Alerts firing',
    description: 'Alerts whose name starts with Tcp, Udp or Unix, firing at the end of the time range, those for information too; the worst first. **For**: since it began, the time that it was pending included. **Where**: address, port and owner of the listener, or the destination, as far as the alert is about one.\n\nA name leads to the runbook, a host to its page.',
    width: 15, height: 10,
    sortBy: ['Severity', 'For (h:m:s)'],
    noValue: 'No alert fires',
    columns: [
      { title: 'Severity', expr: withCluster(byPlace(`${byHost}, `, severity(firing, fleet))), width: 85, left: true, mappings: [severities], levels: level.never },
      { title: 'Alert', label: 'alertname', width: 255, link: runbookLink },
      { title: 'Host', label: 'instance', least: 80, link: { title: 'This host', url: hostLink() } },
      { title: 'Cluster', label: clusterLabel, width: 80 },
      { title: 'Job', label: 'job', width: 70 },
      { title: 'Where', label: 'place', least: 110, wrap: true },
      { title: 'For (h:m:s)', expr: withCluster(byPlace(`${byHost}, `, firingFor(fleet))), unit: duration, decimals: 0, width: 115 },
    ],
  }))
  .withPanel(grid({
    title: 'Findings',
    description: 'What the exporter\'s advisor finds wrong now, and on how many hosts; the worst first. Judged once a minute. `tcpstat-exporter doctor` on a host says what to do about it.',
    width: 9, height: 10, twoLines: true,
    sortBy: ['Severity', 'Hosts'],
    noValue: 'No finding, or not known',
    columns: [
      { title: 'Severity', expr: `max by (id) (${severity(finding, fleet)})`, width: 85, left: true, mappings: [severities], levels: level.never },
      { title: 'Finding', label: 'id', wrap: true, mappings: [words(findings)] },
      { title: 'Hosts', expr: `count by (id) (${finding(fleet)})`, decimals: 0, width: 65 },
    ],
  }));
