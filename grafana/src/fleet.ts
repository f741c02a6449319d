import { about } from './about.js';
import {
  alertAnnotation, all, clusterVariable, datasourceVariable, fleetUid, hostLink, hostUid, labelVariable, listenerLink, netnsLink, otherDashboard,
  runbookLink, start,
} from './dashboards.js';
import { allOthers, count, duration, graph, grid, none, perSecond, severities, verdict, words } from './panels.js';
import { clusterLabel } from './parameters.js';
import {
  busiestPorts, byHost, byPlace, clusters, connectFailures, countedIn, dataSentAgain, finding, firing, firingFor, fleet, fleetOwn, fleetPods, foremost, howMany, largest, lately, listener,
  others,
  memoryUsed, recorded, scoped, severity, timeWaitUsed, withCluster,
  withNetns,
} from './queries.js';
import { findings } from './findings.js';
import * as level from './thresholds.js';

const byListener = `${byHost}, ${listener}`;
const hostLost = 'instance:tcpstat_tcpext_listen_drops:increase2m';
const hostFill = 'instance:tcpstat_listen_queue_fill_ratio_peak:max';
const hostLostRate = 'instance:tcpstat_tcpext_listen_drops:rate5m';

const lostNow = lately(hostLost, fleetOwn, byHost);
const lost = countedIn(hostLost, fleetOwn, byHost);

// how far the worst limit of each host is towards its level, which the table colours. After "max by host" the three have the
// same labels, so "or" needs a label to distinguish them
const nearestLimit = (reached: keyof level.Levels) => `max by (${byHost}) (${([
  ['ports', busiestPorts(fleetOwn), level.ports],
  ['time_wait', timeWaitUsed(fleetOwn), level.timeWait],
  ['memory', memoryUsed(fleetOwn), level.memory],
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
const ofWorst = (expr: string) => withNetns(withCluster(scoped(`(${expr} and on (${byListener}) ${worstListeners})`)));

// losses that no listener accounts for: rows next to those of listeners
const unexplained = (count: (counted: string, selector: string, by: string) => string) =>
  `label_replace(topk(50, ${count('instance:tcpstat_listen_lost_unattributed:increase2m', fleet, `${byHost}, netns`)}), "address", "no listener", "", "")`;
const withUnexplained = (atListeners: string, count: typeof lately) => `${ofWorst(atListeners)} or ${withNetns(withCluster(unexplained(count)))}`;

const byPod = `${byHost}, netns`;
const lostInPods = countedIn(hostLost, fleetPods, byPod);
const sentAgainInPods = `max by (${byPod}) (${dataSentAgain(fleetPods)})`;

// any loss outweighs any share of retransmissions
const worstPods = `topk(50, 1000 * (${lostInPods} > 0) or ${sentAgainInPods} or ${lostInPods})`;
const ofWorstPods = (expr: string) => {
  const worst = `(${expr} and on (${byPod}) ${worstPods})`;
  // a namespace of --netns.named says nothing about itself
  return withNetns(withCluster(
    `(${worst} * on (${byPod}) group_left (kind, workload) max by (${byPod}, kind, workload) (tcpstat_netns_info{${fleetPods}}) or on (${byPod}) ${worst})`));
};

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
  .withVariable(clusterVariable(`Clusters, by the target label "${clusterLabel}". "none" is for targets without this label.`)
    .multi(true).includeAll(true).allValue('.*').current(all))
  .withVariable(labelVariable('job', 'Job', 'Scrape jobs of exporters.', `tcpstat_build_info{${clusters}}`, 'job')
    .multi(true).includeAll(true).current(all))
  .withVariable(labelVariable('instance', 'Host', 'Hosts, by the instance label of their exporters. Hosts that are down are in the list too.', `up{${clusters}, job=~"$job"}`, 'instance')
    .multi(true).includeAll(true).allValue('.*').current(all))
  .withVariable(labelVariable('netns', 'Pod', 'Pods, containers and other names with a network namespace and series of their own, for the table of pods.', `${hostLost}{${fleet}, netns!=""}`, 'netns')
    .multi(true).includeAll(true).allValue('.+').current(all))
  .annotation(alertAnnotation('critical', fleet))
  // a fleet always has some, so show them only on a click
  .annotation(alertAnnotation('warning', fleet, false))
  .link(otherDashboard('TCP / Host', hostUid))

  .withPanel(verdict({
    title: 'Hosts losing',
    description: 'Hosts that lost connection attempts at a listener (TcpExtListenDrops): in the last two minutes, and in the time range. Losses in pods do not count here.\n\nIt counts packets: one client that retries is enough to make a host count.',
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyCritical, mappings: [none], alerts: { names: about.loss, selector: fleetOwn, everything: fleet },
    queries: [
      { expr: `sum(${lostNow} > bool 0)`, legend: 'in 2 min' },
      { expr: `sum(${lost} > bool 0)`, legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Lost',
    description: 'Connection attempts that these hosts lost (TcpExtListenDrops), in the last two minutes and in the time range. It includes ListenOverflows: never add the two. Losses in pods do not count here.\n\nIt counts packets, not clients. A client whose SYN is dropped sends it again, first after a second.\n\nIt does not include packets that a listener discards and nobody misses (sk_drops).',
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyCritical, mappings: [none], alerts: { names: about.loss, selector: fleetOwn, everything: fleet },
    queries: [
      { expr: `sum(${lostNow})`, legend: 'in 2 min' },
      { expr: `sum(${lost})`, legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Fullest queue',
    description: 'Length / limit of the fullest socket of any listener: the largest within the peak window (now), and in the time range. Above 100 % the kernel drops.\n\nIt shows one stuck worker that the sum of a SO_REUSEPORT group hides. Absent if the exporters can only read procfs.',
    width: 3, height: 5, unit: 'percentunit', decimals: 0, levels: level.fill, alerts: { names: about.queues, selector: fleetOwn, everything: fleet },
    queries: [
      { expr: `max(${recorded(hostFill, fleetOwn)})`, legend: 'now' },
      { expr: `max(${largest(hostFill, fleetOwn)})`, legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Near a limit',
    description: `Hosts where ephemeral ports of one destination (from ${level.percent(level.ports.warn)}), TIME_WAIT buckets (${level.percent(level.timeWait.warn)}) or TCP memory (${level.percent(level.memory.warn)}) are near their limit, and how many of them have reached one. The table uses the same colours.\n\nNo counter shows these before it is too late, and none ever shows that ports run out.`,
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyWarning, mappings: [none],
    alerts: { names: [...about.ports, ...about.timeWait, ...about.memory], selector: fleetOwn, everything: fleet },
    queries: [
      { expr: `sum(${nearestLimit('critical')} >= bool 1)`, legend: 'full', levels: level.anyCritical },
      { expr: `sum(${nearestLimit('warn')} >= bool 1)`, legend: 'near' },
    ],
  }))
  .withPanel(verdict({
    title: 'Pods',
    description: 'Pods, containers and other names with a network namespace of their own that lost connections or data, or retransmitted more than 5 % of their segments: between the last two reads of their counters (now), and the most at one time on each host (in range).\n\nThe other tiles count only the hosts themselves. "No data": no exporter has found a container.',
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyWarning, mappings: [none],
    alerts: { names: [...about.loss, ...about.queues.filter((name) => !about.loss.includes(name)), ...about.network], selector: fleetPods, everything: fleet },
    queries: [
      { expr: `sum(tcpstat_netns_in_trouble{${fleet}})`, legend: 'now' },
      { expr: `sum(${largest('tcpstat_netns_in_trouble', fleet)})`, legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Findings',
    description: 'Findings of the exporters\' advisor on all hosts and their pods: settings and states that do harm now or later. Critical ones lose connections now. Informational findings are left out. Judged once a minute.\n\nIf a host cannot check something, it has no finding: see Down, and the sources on the host\'s page.',
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyWarning, mappings: [none],
    neverGreen: true,
    queries: [
      { expr: howMany(finding, 'critical', fleet, `tcpstat_build_info{${fleet}}`), legend: 'critical', levels: level.anyCritical },
      { expr: howMany(finding, 'warning', fleet, `tcpstat_build_info{${fleet}}`), legend: 'warning' },
    ],
  }))
  .withPanel(verdict({
    title: 'Alerts',
    description: 'Firing alerts with names that start with Tcp, Udp or Unix, as Prometheus has them. Alertmanager may have silenced some. Informational alerts are only in the table below.',
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyWarning, mappings: [none],
    queries: [
      { expr: howMany(firing, 'critical', fleet, `up{${fleet}} == 1`), legend: 'critical', levels: level.anyCritical },
      { expr: howMany(firing, 'warning', fleet, `up{${fleet}} == 1`), legend: 'warning' },
    ],
  }))
  .withPanel(verdict({
    title: 'Down',
    description: 'Exporters that Prometheus cannot scrape. Such a host shows nothing on this page, good or bad. No data does not mean healthy.',
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyCritical, mappings: [none], alerts: { names: about.exporter, selector: fleetOwn, everything: fleet },
    queries: [{ expr: `count(up{${fleet}}) - sum(up{${fleet}})`, legend: 'now' }],
  }))

  .withPanel(grid({
    title: 'Hosts: the most loss first, then the fullest queue',
    description: '**Lost packets**: connection attempts lost at listeners of the host (TcpExtListenDrops) in the time range, and in the last two minutes (**in 2 min**). **Worst fill**: the fullest accept queue; 100 % is the limit. **Ports**: used by the busiest destination, of ip_local_port_range. **TIME_WAIT**: of tcp_max_tw_buckets. **Memory**: of the pressure level of tcp_mem. **Sent again**: retransmitted data segments, of all sent segments. **Stopped**: services that stopped listening within the last hour and did not come back. These figures are the host\'s own: pods have a table below.\n\n**Alert**: the worst alert that fires, including those of pods.\n\nA blank cell is a figure that this host does not provide, not a zero. A host that is down stays in the table with blank cells.',
    width: 24, height: 8,
    sortBy: ['Lost packets', 'Worst fill'],
    columns: [
      { title: 'Host', label: 'instance', least: 100, link: { title: 'This host', url: hostLink() } },
      { title: 'Cluster', label: clusterLabel, width: 80 },
      { title: 'Job', label: 'job', width: 80 },
      { title: 'Exporter', expr: withCluster(`max by (${byHost}) (up{${fleet}})`), width: 85, mappings: [words({ 0: ['DOWN', 'red'], 1: ['up', 'text'] })], levels: level.never },
      { title: 'Lost packets', expr: withCluster(lost), decimals: 0, width: 128, levels: level.anyCritical },
      { title: 'in 2 min', expr: withCluster(lostNow), decimals: 0, width: 80, levels: level.anyCritical },
      { title: 'Worst fill', expr: withCluster(`max by (${byHost}) (${largest(hostFill, fleetOwn)})`), unit: 'percentunit', decimals: 0, least: 100, levels: level.fill, bar: true },
      { title: 'Ports', expr: withCluster(`max by (${byHost}) (${busiestPorts(fleetOwn)})`), unit: 'percentunit', decimals: 0, width: 70, levels: level.ports },
      { title: 'TIME_WAIT', expr: withCluster(`max by (${byHost}) (${timeWaitUsed(fleetOwn)})`), unit: 'percentunit', decimals: 0, width: 97, levels: level.timeWait },
      { title: 'Memory', expr: withCluster(`max by (${byHost}) (${memoryUsed(fleetOwn)})`), unit: 'percentunit', decimals: 0, width: 80, levels: level.memory },
      { title: 'Sent again', expr: withCluster(`max by (${byHost}) (${dataSentAgain(fleetOwn)})`), unit: 'percentunit', decimals: 1, width: 97, levels: level.retransmitted },
      { title: 'Established', expr: withCluster(`sum by (${byHost}) (${recorded('instance:tcpstat_connections_established:sum', fleetOwn)})`), decimals: 0, width: 102 },
      { title: 'Stopped', expr: withCluster(`sum by (${byHost}) (${recorded('instance:tcpstat_listen_closed:count', fleetOwn)})`), decimals: 0, width: 80, levels: level.anyWarning },
      { title: 'Alert', expr: withCluster(`max by (${byHost}) (${severity(firing, fleet)}) or 0 * max by (${byHost}) (up{${fleet}})`), width: 78, mappings: [severities], levels: level.never },
    ],
  }))
  .withPanel(grid({
    title: 'Listeners: the most loss first, then the fullest queue',
    description: 'The 50 worst of the listeners that lost something or were a quarter full. **Lost packets**: connection requests and completed handshakes lost at this listener in the time range, and in the last two minutes (**in 2 min**). A client that retries counts again. Losses of a host that no listener explains have a row of their own, "no listener": the listener has no series, or more than one fits. **Worst fill**: of the fullest socket in the group. **Longest** and **Limit**: the accept queue, summed over the group. The limit is min(backlog, somaxconn) at the time of listen(2): after a change of somaxconn the application has to listen again. **Half-open**: the most in the SYN queue in the time range.\n\nFill, limit and loss by listener are blank if the exporter can only read procfs.',
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

  .withPanel(grid({
    title: 'Pods in trouble: the most loss first',
    description: 'The 50 worst pods, containers and other network namespaces with series of their own. **Lost packets**: lost at all listeners in it (TcpExtListenDrops) in the time range, and in the last two minutes (**in 2 min**). **Worst fill**: its fullest accept queue, blank if the exporter cannot read listeners of pods. **Sent again**: retransmitted data segments, of all sent segments. **Failed connects**: of all begun.\n\nOnly names that were in trouble have series, at most 20 on each host (`--netns.max`). They stay until the pod ends.',
    width: 24, height: 6,
    noValue: 'No pod was in trouble, or the exporters cannot see them',
    sortBy: ['Lost packets', 'Sent again'],
    columns: [
      { title: 'Host', label: 'instance', least: 100, link: { title: 'This host', url: hostLink() } },
      { title: 'Cluster', label: clusterLabel, width: 80 },
      { title: 'Job', label: 'job', width: 80 },
      { title: 'Namespace', label: 'netns', least: 200, link: { title: 'This namespace on its host', url: netnsLink } },
      { title: 'Kind', label: 'kind', width: 95 },
      { title: 'Workload', label: 'workload', least: 100 },
      { title: 'Lost packets', expr: ofWorstPods(lostInPods), decimals: 0, width: 128, levels: level.anyCritical },
      { title: 'in 2 min', expr: ofWorstPods(lately(hostLost, fleetPods, byPod)), decimals: 0, width: 80, levels: level.anyCritical },
      { title: 'Worst fill', expr: ofWorstPods(`max by (${byPod}) (${largest(hostFill, fleetPods)})`), unit: 'percentunit', decimals: 0, width: 100, levels: level.fill, bar: true },
      { title: 'Sent again', expr: ofWorstPods(sentAgainInPods), unit: 'percentunit', decimals: 1, width: 113, levels: level.retransmitted },
      { title: 'Failed connects', expr: ofWorstPods(`max by (${byPod}) (${connectFailures(fleetPods)})`), unit: 'percentunit', decimals: 0, width: 130, levels: level.connectFailures },
    ],
  }))

  .withPanel(graph({
    title: 'Lost at listeners, the worst hosts',
    description: 'TcpExtListenDrops per second, over five minutes: SYNs, final ACKs and half-open connections that listeners lost for any reason. The five hosts that lost most, and all others together.\n\nRetries come in waves: clients that were dropped together come back together, a second or more later.',
    width: 12, height: 8, unit: perSecond, interval: '1m',
    queries: fewHosts(
      'sum',
      `sum by (${byHost}) (${recorded(hostLostRate, fleetOwn)})`,
      `sum by (${byHost}) (avg_over_time(${recorded(hostLost, fleetOwn)}[$__range:1m] @ end())) > 0`),
  }))
  .withPanel(graph({
    title: 'Fullest accept queue, the worst hosts',
    description: 'Largest fill of any listener within the peak window. The five fullest of the hosts where a queue was more than a quarter full, and one line for the fullest of all others. The lines are at 90 %, where an alert begins, and at 100 %, above which the kernel drops.\n\nA peak lasts for the peak window (60 s by default), even if the burst took a second.',
    width: 12, height: 8, unit: 'percentunit', levels: level.fill, interval: '1m',
    queries: fewHosts(
      'max',
      `max by (${byHost}) (${recorded(hostFill, fleetOwn)})`,
      `max by (${byHost}) (max_over_time(${recorded(hostFill, fleetOwn)}[$__range:1m] @ end())) > ${level.atRest}`),
  }))

  .withPanel(grid({
    title: 'Alerts firing',
    description: 'Alerts that fire at the end of the time range, with names that start with Tcp, Udp or Unix; the worst first. **For**: the time since it began, including the time that it was pending. **Where**: address, port and owner of the listener, or the destination, or the pod, if the alert is about one.\n\nA name links to the runbook, a host to its page.',
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
    description: 'What the exporters\' advisor finds wrong now, and on how many hosts, pods included; the worst first. Judged once a minute, so a finding can stay after the problem is gone. `tcpstat-exporter doctor` on a host says what to do about it.',
    width: 9, height: 10, twoLines: true,
    sortBy: ['Severity', 'Hosts'],
    noValue: 'No finding, or not known',
    columns: [
      { title: 'Severity', expr: `max by (id) (${severity(finding, fleet)})`, width: 85, left: true, mappings: [severities], levels: level.never },
      { title: 'Finding', label: 'id', wrap: true, mappings: [words(findings)] },
      { title: 'Hosts', expr: `count by (id) (max by (${byHost}, id) (${finding(fleet)}))`, decimals: 0, width: 65 },
    ],
  }));
