import {
  alertAnnotation, all, clusterVariable, datasourceVariable, fleetUid, hostLink, hostUid, labelVariable, listenerLink, otherDashboard,
  runbookLink, start,
} from './dashboards.js';
import { count, duration, graph, grid, none, perSecond, severities, verdict, words } from './panels.js';
import { clusterLabel } from './parameters.js';
import {
  busiestPorts, byHost, byPlace, clusters, countedIn, dataSentAgain, finding, firing, firingFor, fleet, howMany, largest, lately, listener,
  memoryUsed, recorded, scoped, severity, timeWaitUsed, withCluster, worst,
} from './queries.js';
import { findings } from './findings.js';
import * as level from './thresholds.js';

const byListener = `${byHost}, ${listener}`;
const hostLost = 'instance:tcpstat_tcpext_listen_drops:increase2m';
const hostFill = 'instance:tcpstat_listen_queue_fill_ratio_peak:max';
const hostLostRate = 'instance:tcpstat_tcpext_listen_drops:rate5m';

const lostNow = lately(hostLost, fleet, byHost);
const lost = countedIn(hostLost, fleet, byHost);

// hosts by the part of a level that the worst of their limits has reached, which is what the table paints. The three have
// the same labels once they are a maximum by host: "or" needs them told apart
const nearestLimit = (reached: keyof level.Levels) => `max by (${byHost}) (${([
  ['ports', busiestPorts(fleet), level.ports],
  ['time_wait', timeWaitUsed(fleet), level.timeWait],
  ['memory', memoryUsed(fleet), level.memory],
] as const).map(([name, expr, levels]) =>
  `label_replace(max by (${byHost}) (${expr}) / ${levels[reached]}, "limit", "${name}", "", "")`).join(' or ')})`;

// those that somebody would look at have recorded series, and no others
const largestOf = (figure: string) => `max by (${byListener}) (${largest(`listener:tcpstat_listen_${figure}:busy`, fleet)})`;
const counted = 'listener:tcpstat_listen_lost:increase2m';
const fill = largestOf('queue_fill_ratio_peak');
const peak = largestOf('queue_peak');

// nothing lost is known to be nothing where the fill is known; where only procfs can be read neither is
const lostAtListener = `(${countedIn(counted, fleet, byListener)} or 0 * ${fill})`;

// any loss outweighs any fill; where there is neither, the length has to do
const worstListeners = `topk(50, 1000 * ${countedIn(counted, fleet, byListener)} or ${fill} or 1e-6 * ${peak})`;
const ofWorst = (expr: string) => withCluster(scoped(`(${expr} and on (${byListener}) ${worstListeners})`));

// what hosts lost and no listener accounts for: rows beside those of listeners
const unexplained = (count: (counted: string, selector: string, by: string) => string) =>
  `label_replace(topk(50, ${count('instance:tcpstat_listen_lost_unattributed:increase2m', fleet, `${byHost}, netns`)}), "address", "no listener", "", "")`;
const withUnexplained = (atListeners: string, count: typeof lately) => `${ofWorst(atListeners)} or ${withCluster(unexplained(count))}`;

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
  // a fleet always has some: one click shows them
  .annotation(alertAnnotation('warning', fleet, false))
  .link(otherDashboard('TCP / Host', hostUid))

  .withPanel(verdict({
    title: 'Hosts losing',
    description: 'Hosts that lost connection attempts at a listener (TcpExtListenDrops): in the last two minutes, and in the time range.\n\nIt counts packets: one client that retries makes a host count just as a thousand do.',
    width: 4, height: 5, unit: count, decimals: 0, levels: level.anyCritical, mappings: [none],
    queries: [
      { expr: `sum(${lostNow} > bool 0)`, legend: 'in 2 min' },
      { expr: `sum(${lost} > bool 0)`, legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Lost at listeners',
    description: 'Connection attempts that all these hosts lost (TcpExtListenDrops, which includes ListenOverflows: never add the two), in the last two minutes and in the time range.\n\nPackets, not clients: a client that is dropped sends its SYN again and again, the first time after a second.\n\nWhat a listener discards and nobody misses (sk_drops) is not in it.',
    width: 4, height: 5, unit: count, decimals: 0, levels: level.anyCritical, mappings: [none],
    queries: [
      { expr: `sum(${lostNow})`, legend: 'in 2 min' },
      { expr: `sum(${lost})`, legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Fullest queue',
    description: 'Length / limit of the fullest socket of any listener, as the largest sample of the peak window (now) and of the time range. Above 100 % the kernel drops.\n\nIt shows one stuck worker that sums over a SO_REUSEPORT group hide. Absent where a host lets only procfs be read.',
    width: 4, height: 5, unit: 'percentunit', decimals: 0, levels: level.fill,
    queries: [
      { expr: `max(${recorded(hostFill, fleet)})`, legend: 'now' },
      { expr: `max(${largest(hostFill, fleet)})`, legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Near a limit',
    description: `Hosts where ephemeral ports of one destination (from ${level.percent(level.ports.warn)}), TIME_WAIT buckets (${level.percent(level.timeWait.warn)}) or TCP memory (${level.percent(level.memory.warn)}) are near their limit, and those of them where one is used up. The table paints the same.\n\nNone of these shows in a counter before it is too late; running out of ports never does.`,
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyWarning, mappings: [none],
    values: [{ name: 'used up', levels: level.anyCritical }],
    queries: [
      { expr: `sum(${nearestLimit('critical')} >= bool 1)`, legend: 'used up' },
      { expr: `sum(${nearestLimit('warn')} >= bool 1)`, legend: 'near' },
    ],
  }))
  .withPanel(verdict({
    title: 'Findings',
    description: 'Findings of the exporter\'s advisor on all hosts: settings and states that hurt, or will. Critical ones lose connections now. Those for information are left out. Judged once a minute.\n\nWhat cannot be told on a host counts as none: see Down, and the sources on its page.',
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyWarning, mappings: [none],
    values: [{ name: 'critical', levels: level.anyCritical }],
    queries: [
      { expr: howMany(finding, 'critical', fleet, 'tcpstat_build_info'), legend: 'critical' },
      { expr: howMany(finding, 'warning', fleet, 'tcpstat_build_info'), legend: 'warning' },
    ],
  }))
  .withPanel(verdict({
    title: 'Alerts',
    description: 'Firing alerts whose name starts with Tcp or Udp, as Prometheus has them; Alertmanager may have silenced some. Those for information are left out here, and stand in the table below.',
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyWarning, mappings: [none],
    values: [{ name: 'critical', levels: level.anyCritical }],
    queries: [
      { expr: howMany(firing, 'critical', fleet, 'up'), legend: 'critical' },
      { expr: howMany(firing, 'warning', fleet, 'up'), legend: 'warning' },
    ],
  }))
  .withPanel(verdict({
    title: 'Down',
    description: 'Exporters that Prometheus cannot scrape. Such a host shows nothing on this page, good or bad: silence is not health.',
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyCritical, mappings: [none],
    queries: [{ expr: `count(up{${fleet}}) - sum(up{${fleet}})`, legend: 'now' }],
  }))

  .withPanel(grid({
    title: 'Hosts: the most loss first, then the fullest queue',
    description: '**Lost**: connection attempts lost at listeners (TcpExtListenDrops) in the time range, and in the last two minutes (**2 min**). **Worst fill**: the fullest accept queue, 100 % is the limit. **Ports**: of those that the range offers, taken by the busiest destination. **TIME_WAIT**: of tcp_max_tw_buckets. **Memory**: of tcp_mem\'s pressure level. **Sent again**: segments of data, of all sent. **Stopped**: services that stopped listening within the last hour and have not come back.\n\n**Alert**: the worst that fires.\n\nA blank cell is a figure that this host does not give, not a zero. A host that is down stays in the table with blank cells.',
    width: 24, height: 9,
    sortBy: ['Lost', 'Worst fill'],
    columns: [
      { title: 'Host', label: 'instance', link: { title: 'This host', url: hostLink() } },
      { title: 'Cluster', label: clusterLabel, width: 90 },
      { title: 'Job', label: 'job', width: 90 },
      { title: 'Exporter', expr: withCluster(`max by (${byHost}) (up{${fleet}})`), width: 85, mappings: [words({ 0: ['DOWN', 'red'], 1: ['up', 'text'] })], levels: level.never },
      { title: 'Lost', expr: withCluster(lost), decimals: 0, width: 75, levels: level.anyCritical },
      { title: '2 min', expr: withCluster(lostNow), decimals: 0, width: 70, levels: level.anyCritical },
      { title: 'Worst fill', expr: withCluster(`max by (${byHost}) (${largest(hostFill, fleet)})`), unit: 'percentunit', decimals: 0, width: 130, levels: level.fill, bar: true },
      { title: 'Ports', expr: withCluster(`max by (${byHost}) (${busiestPorts(fleet)})`), unit: 'percentunit', decimals: 0, width: 75, levels: level.ports },
      { title: 'TIME_WAIT', expr: withCluster(`max by (${byHost}) (${timeWaitUsed(fleet)})`), unit: 'percentunit', decimals: 0, width: 105, levels: level.timeWait },
      { title: 'Memory', expr: withCluster(`max by (${byHost}) (${memoryUsed(fleet)})`), unit: 'percentunit', decimals: 0, width: 85, levels: level.memory },
      { title: 'Sent again', expr: withCluster(`max by (${byHost}) (${dataSentAgain(fleet)})`), unit: 'percentunit', decimals: 1, width: 100, levels: level.retransmitted },
      { title: 'Established', expr: withCluster(`sum by (${byHost}) (${recorded('instance:tcpstat_connections_established:sum', fleet)})`), decimals: 0, width: 105 },
      { title: 'Stopped', expr: withCluster(`sum by (${byHost}) (${recorded('instance:tcpstat_listen_closed:count', fleet)})`), decimals: 0, width: 85, levels: level.anyWarning },
      { title: 'Alert', expr: withCluster(`max by (${byHost}) (${severity(firing, fleet)}) or 0 * max by (${byHost}) (up{${fleet}})`), width: 85, mappings: [severities], levels: level.never },
    ],
  }))
  .withPanel(grid({
    title: 'Listeners: the most loss first, then the fullest queue',
    description: 'The 50 worst of the listeners that lost something or were a quarter full. **Lost**: connection requests and finished handshakes lost at this listener in the time range, and in the last two minutes (**2 min**); packets, not clients. What a host lost and no listener accounts for has a row of its own, "no listener": a listener without series, or evidence that fits several. **Worst fill**: of the fullest socket in the group. **Longest** and **Limit**: the accept queue, summed over the group; the limit is min(backlog, somaxconn) as fixed at listen(2), so a new somaxconn needs the application to listen again. **Half-open**: the most in the SYN queue in the time range.\n\nFill and limit are blank where a host lets only procfs be read, and loss is not told by listener there.',
    width: 24, height: 9,
    sortBy: ['Lost', 'Worst fill'],
    columns: [
      { title: 'Host', label: 'instance', least: 120, link: { title: 'This host', url: hostLink() } },
      { title: 'Cluster', label: clusterLabel, width: 90 },
      { title: 'Job', label: 'job', width: 90 },
      { title: 'Namespace', label: 'netns', width: 125 },
      { title: 'Address', label: 'address', width: 125 },
      { title: 'Port', label: 'port', width: 65, link: { title: 'This listener on its host', url: listenerLink } },
      { title: 'Owner', label: 'unit' },
      { title: 'Lost', expr: withUnexplained(lostAtListener, countedIn), decimals: 0, width: 75, levels: level.anyCritical },
      { title: '2 min', expr: withUnexplained(`(${lately(counted, fleet, byListener)} or 0 * ${fill})`, lately), decimals: 0, width: 70, levels: level.anyCritical },
      { title: 'Worst fill', expr: ofWorst(fill), unit: 'percentunit', decimals: 0, width: 140, levels: level.fill, bar: true },
      { title: 'Longest', expr: ofWorst(peak), decimals: 0, width: 80 },
      { title: 'Limit', expr: ofWorst(largestOf('queue_limit')), decimals: 0, width: 65 },
      { title: 'Half-open', expr: ofWorst(largestOf('syn_queue_peak')), decimals: 0, width: 90 },
    ],
  }))

  .withPanel(graph({
    title: 'Lost at listeners, the ten worst hosts',
    description: 'TcpExtListenDrops a second, over five minutes: SYNs, finishing ACKs and half-open connections that listeners lost for any reason.\n\nRetries make waves: clients dropped together come back together, delayed by a second or more.',
    width: 12, height: 9, unit: perSecond, legend: 'right', interval: '1m',
    queries: [{
      expr: worst(
        `sum by (${byHost}) (${recorded(hostLostRate, fleet)})`,
        byHost,
        `sum by (${byHost}) (avg_over_time(${recorded(hostLost, fleet)}[$__range:1m] @ end()))`),
      legend: `{{instance}} {{${clusterLabel}}}`,
    }],
  }))
  .withPanel(graph({
    title: 'Fullest accept queue, the ten worst hosts',
    description: 'Largest fill of any listener within the peak window. The lines are at 90 %, where an alert begins, and at 100 %, above which the kernel drops.\n\nThe peak window (60 s unless set otherwise) holds a burst for that long: the burst itself may have taken a second.',
    width: 12, height: 9, unit: 'percentunit', legend: 'right', levels: level.fill, interval: '1m',
    queries: [{
      expr: worst(
        `max by (${byHost}) (${recorded(hostFill, fleet)})`,
        byHost,
        `max by (${byHost}) (max_over_time(${recorded(hostFill, fleet)}[$__range:1m] @ end()))`),
      legend: `{{instance}} {{${clusterLabel}}}`,
    }],
  }))

  .withPanel(grid({
    title: 'Alerts firing',
    description: 'Alerts whose name starts with Tcp or Udp, firing at the end of the time range, those for information too; the worst first. **For**: hours, minutes and seconds since it began, the time that it was pending included. **Where**: address, port and owner of the listener, or the destination, as far as the alert is about one.\n\nA name leads to the runbook, a host to its page.',
    width: 16, height: 8,
    sortBy: ['Severity', 'For'],
    noValue: 'No alert fires',
    columns: [
      { title: 'Severity', expr: withCluster(byPlace(`${byHost}, `, severity(firing, fleet))), width: 80, left: true, mappings: [severities], levels: level.never },
      { title: 'Alert', label: 'alertname', width: 250, link: runbookLink },
      { title: 'Host', label: 'instance', width: 90, link: { title: 'This host', url: hostLink() } },
      { title: 'Cluster', label: clusterLabel, width: 80 },
      { title: 'Job', label: 'job', width: 70 },
      { title: 'Where', label: 'place' },
      { title: 'For', expr: withCluster(byPlace(`${byHost}, `, firingFor(fleet))), unit: duration, decimals: 0, width: 80 },
    ],
  }))
  .withPanel(grid({
    title: 'Findings',
    description: 'What the exporter\'s advisor finds wrong now, and on how many hosts; the worst first. Judged once a minute. `tcpstat-exporter doctor` on a host says what to do about it.',
    width: 8, height: 8,
    sortBy: ['Severity', 'Hosts'],
    noValue: 'No finding',
    columns: [
      { title: 'Severity', expr: `max by (id) (${severity(finding, fleet)})`, width: 85, left: true, mappings: [severities], levels: level.never },
      { title: 'Finding', label: 'id', mappings: [words(findings)] },
      { title: 'Hosts', expr: `count by (id) (${finding(fleet)})`, decimals: 0, width: 65 },
    ],
  }));
