import {
  alertAnnotation, all, datasourceVariable, fleetUid, hostLink, labelVariable, listenerLink, otherDashboards, start,
} from './dashboards.js';
import { count, graph, grid, none, perSecond, verdict, words } from './panels.js';
import {
  busiestPorts, firing, fleet, increase, largest, listener, memoryUsed, rate, sentAgain, tcpExt, timeWaitUsed, worst,
} from './queries.js';
import * as level from './thresholds.js';

const byHost = 'job, instance';
const byListener = `${byHost}, ${listener}`;
const listenDrops = tcpExt('listen_drops');

const lostNow = `sum by (${byHost}) (${rate(listenDrops, fleet)})`;
const lost = `sum by (${byHost}) (${increase(listenDrops, fleet)})`;
const anyLoss = { warn: level.any, critical: level.any };
const noLevels = { warn: Infinity, critical: Infinity };

// the three have the same labels once they are a maximum by host: "or" needs them told apart
const nearestLimit = `max by (${byHost}) (${[
  ['ports', busiestPorts(fleet)],
  ['time_wait', timeWaitUsed(fleet)],
  ['memory', memoryUsed(fleet)],
].map(([name, expr]) => `label_replace(max by (${byHost}) (${expr}), "limit", "${name}", "", "")`).join(' or ')})`;

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
  .annotation(alertAnnotation(fleet))
  .link(otherDashboards())

  .withPanel(verdict({
    title: 'Hosts losing',
    description: 'Hosts where the kernel drops SYNs or finished handshakes at a listener (TcpExtListenDrops): now, and at any moment of the time range.\n\nIt counts packets: one client that retries makes a host count just as a thousand do.',
    width: 4, height: 5, unit: count, decimals: 0, levels: anyLoss, mappings: [none],
    queries: [
      { expr: `sum(${lostNow} > bool 0)`, legend: 'now' },
      { expr: `sum(${lost} > bool 0)`, legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Lost at listeners',
    description: 'Connection attempts that all these hosts dropped (TcpExtListenDrops, which includes ListenOverflows: never add the two).\n\nPackets, not clients: a client that is dropped sends its SYN again after 1, 3, 7 … seconds.',
    width: 4, height: 5, unit: count, levels: anyLoss, mappings: [none],
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
    description: 'Hosts where ephemeral ports of one destination, TIME_WAIT buckets or TCP memory are used to 80 % or more of their limit.\n\nNone of these shows in a counter before it is too late; running out of ports never does.',
    width: 3, height: 5, unit: count, decimals: 0, levels: anyLoss, mappings: [none],
    queries: [{ expr: `sum(${nearestLimit} > bool ${level.near})`, legend: 'now' }],
  }))
  .withPanel(verdict({
    title: 'Findings',
    description: 'Findings of the exporter\'s advisor, warnings and critical ones: settings and states of a host that will hurt, though perhaps not yet. Judged once a minute.\n\nWhat cannot be told on a host counts as none: see Down, and the sources on its page.',
    width: 3, height: 5, unit: count, decimals: 0, levels: { warn: level.any, critical: Infinity }, mappings: [none],
    queries: [{
      expr: `count(tcpstat_finding{severity=~"warning|critical", ${fleet}} == 1) or 0 * count(tcpstat_build_info{${fleet}})`,
      legend: 'now',
    }],
  }))
  .withPanel(verdict({
    title: 'Alerts',
    description: 'Firing alerts whose name starts with Tcp, as Prometheus has them; Alertmanager may have silenced some.',
    width: 3, height: 5, unit: count, decimals: 0, levels: anyLoss, mappings: [none],
    queries: [{ expr: `count(${firing(fleet)}) or 0 * count(up{${fleet}})`, legend: 'now' }],
  }))
  .withPanel(verdict({
    title: 'Down',
    description: 'Exporters that Prometheus cannot scrape. Such a host shows nothing on this page, good or bad: silence is not health.',
    width: 3, height: 5, unit: count, decimals: 0, levels: anyLoss, mappings: [none],
    queries: [{ expr: `count(up{${fleet}}) - sum(up{${fleet}})`, legend: 'now' }],
  }))

  .withPanel(grid({
    title: 'Hosts: the most loss first, then the fullest queue',
    description: '**Lost**: TcpExtListenDrops in the time range. **Worst fill**: the fullest accept queue, 100 % is the limit. **Ports**: of those that the range offers, taken by the busiest destination. **TIME_WAIT**: of tcp_max_tw_buckets. **Memory**: of tcp_mem\'s pressure level. **Sent again**: retransmitted segments, of all sent.\n\nA blank cell is a figure that this host does not give, not a zero. A host that is down stays in the table with blank cells.',
    width: 24, height: 9,
    sortBy: ['Lost', 'Worst fill'],
    columns: [
      { title: 'Host', label: 'instance', link: { title: 'This host', url: hostLink() } },
      { title: 'Job', label: 'job', width: 110 },
      { title: 'Exporter', expr: `max by (${byHost}) (up{${fleet}})`, width: 90, mappings: [words({ 0: ['DOWN', 'red'], 1: ['up', 'text'] })], levels: noLevels },
      { title: 'Lost', expr: lost, decimals: 0, width: 90, levels: anyLoss },
      { title: 'Lost now', expr: lostNow, unit: perSecond, decimals: 1, width: 100, levels: anyLoss },
      { title: 'Worst fill', expr: `max by (${byHost}) (${largest('tcpstat_listen_queue_fill_ratio_peak', fleet)})`, unit: 'percentunit', decimals: 0, width: 170, levels: level.fill, bar: true },
      { title: 'Ports', expr: `max by (${byHost}) (${busiestPorts(fleet)})`, unit: 'percentunit', decimals: 0, width: 80, levels: level.ports },
      { title: 'TIME_WAIT', expr: `max by (${byHost}) (${timeWaitUsed(fleet)})`, unit: 'percentunit', decimals: 0, width: 105, levels: level.timeWait },
      { title: 'Memory', expr: `max by (${byHost}) (${memoryUsed(fleet)})`, unit: 'percentunit', decimals: 0, width: 90, levels: level.memory },
      { title: 'Sent again', expr: sentAgain(rate, fleet, byHost), unit: 'percentunit', decimals: 1, width: 100, levels: level.retransmitted },
      { title: 'Established', expr: `sum by (${byHost}) (tcpstat_connections{state="established", ${fleet}})`, decimals: 0, width: 105 },
      { title: 'Alerts', expr: `count by (${byHost}) (${firing(fleet)}) or 0 * max by (${byHost}) (up{${fleet}})`, decimals: 0, width: 75, levels: anyLoss },
    ],
  }))
  .withPanel(grid({
    title: 'Listeners: the most loss first, then the fullest queue',
    description: 'The 50 worst listeners. **Lost**: connection requests and finished handshakes dropped at this listener in the time range (sk_drops): queue full, no memory, or a socket filter; packets, not clients. **Worst fill**: of the fullest socket in the group. **Longest** and **Limit**: the accept queue, summed over the group; the limit is min(backlog, somaxconn) as fixed at listen(2), so a new somaxconn needs the application to listen again.\n\nLost, fill and limit are blank where a host lets only procfs be read.',
    width: 24, height: 9,
    sortBy: ['Lost', 'Worst fill'],
    columns: [
      { title: 'Host', label: 'instance', link: { title: 'This listener on its host', url: listenerLink } },
      { title: 'Job', label: 'job', width: 110 },
      { title: 'Namespace', label: 'netns', width: 120 },
      { title: 'Address', label: 'address', width: 170 },
      { title: 'Port', label: 'port', width: 75 },
      { title: 'Owner', label: 'unit' },
      { title: 'Lost', expr: ofWorst(listenersInRange.lost), decimals: 0, width: 90, levels: anyLoss },
      { title: 'Lost now', expr: ofWorst(`max by (${byListener}) (${rate('tcpstat_listen_drops_total', fleet)})`), unit: perSecond, decimals: 1, width: 100, levels: anyLoss },
      { title: 'Worst fill', expr: ofWorst(listenersInRange.fill), unit: 'percentunit', decimals: 0, width: 170, levels: level.fill, bar: true },
      { title: 'Longest', expr: ofWorst(listenersInRange.peak), decimals: 0, width: 85 },
      { title: 'Limit', expr: ofWorst(`max by (${byListener}) (tcpstat_listen_queue_limit{${fleet}})`), decimals: 0, width: 85 },
      { title: 'Most half-open', expr: ofWorst(`max by (${byListener}) (${largest('tcpstat_listen_syn_queue_peak', fleet)})`), decimals: 0, width: 125 },
    ],
  }))

  .withPanel(graph({
    title: 'Lost at listeners, the ten worst hosts',
    description: 'TcpExtListenDrops a second: SYNs, finishing ACKs and half-open connections that listeners dropped for any reason.\n\nRetries make waves: clients dropped together come back together, after 1, 3, 7 … seconds.',
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
    description: 'Alerts whose name starts with Tcp, firing at the end of the time range.',
    width: 15, height: 7,
    sortBy: ['Host'],
    ascending: true,
    noValue: 'No alert fires',
    columns: [
      { title: 'Host', label: 'instance', width: 150, link: { title: 'This host', url: hostLink() } },
      { title: 'Job', label: 'job', width: 90 },
      { title: 'Severity', label: 'severity', width: 85 },
      { title: 'Alert', label: 'alertname' },
      { title: 'Address', label: 'address', width: 130 },
      { title: 'Port', label: 'port', width: 65 },
      { title: 'Firing', expr: `max by (${byHost}, severity, alertname, netns, address, port) (${firing(fleet)})`, width: 65, mappings: [words({ 1: ['yes'] })] },
    ],
  }))
  .withPanel(grid({
    title: 'Findings',
    description: 'What the exporter\'s advisor finds wrong now, and on how many hosts. Judged once a minute. `tcpstat-exporter doctor` on a host says what to do about it.',
    width: 9, height: 7,
    sortBy: ['Hosts'],
    noValue: 'No finding',
    columns: [
      { title: 'Finding', label: 'id' },
      { title: 'Severity', label: 'severity', width: 100 },
      { title: 'Hosts', expr: `count by (id, severity) (tcpstat_finding{severity=~"warning|critical", ${fleet}} == 1)`, decimals: 0, width: 80 },
    ],
  }));
