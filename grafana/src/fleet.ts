import {
  alertAnnotation, all, datasourceVariable, fleetUid, hostLink, labelVariable, listenerLink, otherDashboards, runbookLink, start,
} from './dashboards.js';
import { count, duration, graph, grid, none, perSecond, severities, verdict, words } from './panels.js';
import {
  busiestPorts, byPlace, finding, firing, firingFor, fleet, howMany, increase, largest, listener, memoryUsed, rate, sentAgain, severity,
  tcpExt, timeWaitUsed, worst,
} from './queries.js';
import * as level from './thresholds.js';

const byHost = 'job, instance';
const byListener = `${byHost}, ${listener}`;
const listenDrops = tcpExt('listen_drops');

const lostNow = `sum by (${byHost}) (${rate(listenDrops, fleet)})`;
const lost = `sum by (${byHost}) (${increase(listenDrops, fleet)})`;

// hosts by the part of a level that the worst of their limits has reached, which is what the table paints. The three have
// the same labels once they are a maximum by host: "or" needs them told apart
const nearestLimit = (reached: keyof level.Levels) => `max by (${byHost}) (${([
  ['ports', busiestPorts(fleet), level.ports],
  ['time_wait', timeWaitUsed(fleet), level.timeWait],
  ['memory', memoryUsed(fleet), level.memory],
] as const).map(([name, expr, levels]) =>
  `label_replace(max by (${byHost}) (${expr}) / ${levels[reached]}, "limit", "${name}", "", "")`).join(' or ')})`;

const listenersInRange = {
  lost: `max by (${byListener}) (${increase('tcpstat_listen_drops_total', fleet)})`,
  fill: `max by (${byListener}) (${largest('tcpstat_listen_queue_fill_ratio_peak', fleet)})`,
  peak: `max by (${byListener}) (${largest('tcpstat_listen_queue_peak', fleet)})`,
};

// loss outweighs fill; where only procfs can be read there is neither, and the length has to do
const worstListeners = `topk(50, ${listenersInRange.lost} + ${listenersInRange.fill} or 1e-6 * ${listenersInRange.peak})`;
const ofWorst = (expr: string) => `${expr} and on (${byListener}) ${worstListeners}`;

export const fleetDashboard = () => start(
  fleetUid,
  'TCP / Fleet',
  'Which hosts and which listeners lose connections now, or are about to. A row leads to its host.')
  .withVariable(datasourceVariable())
  .withVariable(labelVariable('job', 'Job', 'Scrape jobs of exporters.', 'tcpstat_build_info', 'job')
    .multi(true).includeAll(true).current(all))
  .withVariable(labelVariable('instance', 'Host', 'Hosts, as Prometheus names their exporters; those that are down too.', 'up{job=~"$job"}', 'instance')
    .multi(true).includeAll(true).allValue('.*').current(all))
  .annotation(alertAnnotation('critical', fleet))
  // a fleet always has some: one click shows them
  .annotation(alertAnnotation('warning', fleet, false))
  .link(otherDashboards())

  .withPanel(verdict({
    title: 'Hosts losing',
    description: 'Hosts where the kernel drops SYNs or finished handshakes at a listener (TcpExtListenDrops): now, and at any moment of the time range.\n\nIt counts packets: one client that retries makes a host count just as a thousand do.',
    width: 4, height: 5, unit: count, decimals: 0, levels: level.anyCritical, mappings: [none],
    queries: [
      { expr: `sum(${lostNow} > bool 0)`, legend: 'now' },
      { expr: `sum(${lost} > bool 0)`, legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Lost at listeners',
    description: 'Connection attempts that all these hosts dropped (TcpExtListenDrops, which includes ListenOverflows: never add the two).\n\nPackets, not clients: a client that is dropped sends its SYN again and again, the first time after a second.',
    width: 4, height: 5, unit: count, levels: level.anyCritical, mappings: [none],
    values: [{ name: 'now', unit: perSecond, decimals: 1 }, { name: 'in range', decimals: 0 }],
    queries: [
      { expr: `sum(${lostNow})`, legend: 'now' },
      { expr: `sum(${lost})`, legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Fullest queue',
    description: 'Length / limit of the fullest socket of any listener, as the largest sample of the peak window (now) and of the time range. Above 100 % the kernel drops.\n\nIt shows one stuck worker that sums over a SO_REUSEPORT group hide. Absent where a host lets only procfs be read.',
    width: 4, height: 5, unit: 'percentunit', decimals: 0, levels: level.fill,
    queries: [
      { expr: `max(tcpstat_listen_queue_fill_ratio_peak{${fleet}})`, legend: 'now' },
      { expr: `max(${largest('tcpstat_listen_queue_fill_ratio_peak', fleet)})`, legend: 'in range' },
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
    description: 'Firing alerts whose name starts with Tcp, as Prometheus has them; Alertmanager may have silenced some. Those for information are left out here, and stand in the table below.',
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
    description: '**Lost**: TcpExtListenDrops in the time range. **Worst fill**: the fullest accept queue, 100 % is the limit. **Ports**: of those that the range offers, taken by the busiest destination. **TIME_WAIT**: of tcp_max_tw_buckets. **Memory**: of tcp_mem\'s pressure level. **Sent again**: retransmitted segments, of all sent.\n\n**Alert**: the worst that fires.\n\nA blank cell is a figure that this host does not give, not a zero. A host that is down stays in the table with blank cells.',
    width: 24, height: 9,
    sortBy: ['Lost', 'Worst fill'],
    columns: [
      { title: 'Host', label: 'instance', link: { title: 'This host', url: hostLink() } },
      { title: 'Job', label: 'job', width: 100 },
      { title: 'Exporter', expr: `max by (${byHost}) (up{${fleet}})`, width: 85, mappings: [words({ 0: ['DOWN', 'red'], 1: ['up', 'text'] })], levels: level.never },
      { title: 'Lost', expr: lost, decimals: 0, width: 80, levels: level.anyCritical },
      { title: 'Lost now', expr: lostNow, unit: perSecond, decimals: 1, width: 90, levels: level.anyCritical },
      { title: 'Worst fill', expr: `max by (${byHost}) (${largest('tcpstat_listen_queue_fill_ratio_peak', fleet)})`, unit: 'percentunit', decimals: 0, width: 140, levels: level.fill, bar: true },
      { title: 'Ports', expr: `max by (${byHost}) (${busiestPorts(fleet)})`, unit: 'percentunit', decimals: 0, width: 80, levels: level.ports },
      { title: 'TIME_WAIT', expr: `max by (${byHost}) (${timeWaitUsed(fleet)})`, unit: 'percentunit', decimals: 0, width: 105, levels: level.timeWait },
      { title: 'Memory', expr: `max by (${byHost}) (${memoryUsed(fleet)})`, unit: 'percentunit', decimals: 0, width: 90, levels: level.memory },
      { title: 'Sent again', expr: sentAgain(rate, fleet, byHost), unit: 'percentunit', decimals: 1, width: 100, levels: level.retransmitted },
      { title: 'Established', expr: `sum by (${byHost}) (tcpstat_connections{state="established", ${fleet}})`, decimals: 0, width: 105 },
      { title: 'Alert', expr: `max by (${byHost}) (${severity(firing, fleet)}) or 0 * max by (${byHost}) (up{${fleet}})`, width: 85, mappings: [severities], levels: level.never },
    ],
  }))
  .withPanel(grid({
    title: 'Listeners: the most loss first, then the fullest queue',
    description: 'The 50 worst listeners. **Lost**: connection requests and finished handshakes dropped at this listener in the time range (sk_drops): queue full, no memory, or a socket filter; packets, not clients. **Worst fill**: of the fullest socket in the group. **Longest** and **Limit**: the accept queue, summed over the group; the limit is min(backlog, somaxconn) as fixed at listen(2), so a new somaxconn needs the application to listen again. **Half-open**: the most in the SYN queue in the time range.\n\nLost, fill and limit are blank where a host lets only procfs be read.',
    width: 24, height: 9,
    sortBy: ['Lost', 'Worst fill'],
    columns: [
      { title: 'Host', label: 'instance', least: 120, link: { title: 'This listener on its host', url: listenerLink } },
      { title: 'Job', label: 'job', width: 90 },
      { title: 'Namespace', label: 'netns', width: 125 },
      { title: 'Address', label: 'address', width: 125 },
      { title: 'Port', label: 'port', width: 65 },
      { title: 'Owner', label: 'unit' },
      { title: 'Lost', expr: ofWorst(listenersInRange.lost), decimals: 0, width: 75, levels: level.anyCritical },
      { title: 'Lost now', expr: ofWorst(`max by (${byListener}) (${rate('tcpstat_listen_drops_total', fleet)})`), unit: perSecond, decimals: 1, width: 90, levels: level.anyCritical },
      { title: 'Worst fill', expr: ofWorst(listenersInRange.fill), unit: 'percentunit', decimals: 0, width: 140, levels: level.fill, bar: true },
      { title: 'Longest', expr: ofWorst(listenersInRange.peak), decimals: 0, width: 80 },
      { title: 'Limit', expr: ofWorst(`max by (${byListener}) (tcpstat_listen_queue_limit{${fleet}})`), decimals: 0, width: 65 },
      { title: 'Half-open', expr: ofWorst(`max by (${byListener}) (${largest('tcpstat_listen_syn_queue_peak', fleet)})`), decimals: 0, width: 90 },
    ],
  }))

  .withPanel(graph({
    title: 'Lost at listeners, the ten worst hosts',
    description: 'TcpExtListenDrops a second: SYNs, finishing ACKs and half-open connections that listeners dropped for any reason.\n\nRetries make waves: clients dropped together come back together, delayed by a second or more.',
    width: 12, height: 9, unit: perSecond, legend: 'right',
    queries: [{
      expr: worst(lostNow, byHost, `sum by (${byHost}) (increase(${listenDrops}{${fleet}}[$__range] @ end()))`),
      legend: '{{instance}}',
    }],
  }))
  .withPanel(graph({
    title: 'Fullest accept queue, the ten worst hosts',
    description: 'Largest fill of any listener within the peak window. The lines are at 90 %, where an alert begins, and at 100 %, above which the kernel drops.\n\nThe peak window (60 s unless set otherwise) holds a burst for that long: the burst itself may have taken a second.',
    width: 12, height: 9, unit: 'percentunit', legend: 'right', levels: level.fill,
    queries: [{
      expr: worst(
        `max by (${byHost}) (tcpstat_listen_queue_fill_ratio_peak{${fleet}})`,
        byHost,
        `max by (${byHost}) (max_over_time(tcpstat_listen_queue_fill_ratio_peak{${fleet}}[$__range] @ end()))`),
      legend: '{{instance}}',
    }],
  }))

  .withPanel(grid({
    title: 'Alerts firing',
    description: 'Alerts whose name starts with Tcp, firing at the end of the time range, those for information too; the worst first. **For**: hours, minutes and seconds since it began, the time that it was pending included. **Where**: address, port and owner of the listener, as far as the alert is about one.\n\nA name leads to the runbook, a host to its page.',
    width: 16, height: 8,
    sortBy: ['Severity', 'For'],
    noValue: 'No alert fires',
    columns: [
      { title: 'Severity', expr: byPlace(`${byHost}, `, severity(firing, fleet)), width: 80, left: true, mappings: [severities], levels: level.never },
      { title: 'Alert', label: 'alertname', width: 250, link: runbookLink },
      { title: 'Host', label: 'instance', width: 90, link: { title: 'This host', url: hostLink() } },
      { title: 'Job', label: 'job', width: 70 },
      { title: 'Where', label: 'place' },
      { title: 'For', expr: byPlace(`${byHost}, `, firingFor(fleet)), unit: duration, decimals: 0, width: 80 },
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
      { title: 'Finding', label: 'id' },
      { title: 'Hosts', expr: `count by (id) ${finding(fleet)}`, decimals: 0, width: 65 },
    ],
  }));
