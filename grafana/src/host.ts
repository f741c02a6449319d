import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { about } from './about.js';
import {
  alertAnnotation, all, clusterVariable, datasourceVariable, fleetUid, hostUid, labelVariable, netnsHere, otherDashboard, resultVariable, runbookLink, start,
} from './dashboards.js';
import { allOthers, count, down, duration, fact, fillHeatmap, graph, grid, none, perSecond, severities, verdict, words } from './panels.js';
import { clusterLabel } from './parameters.js';
import {
  atZero, busiestPorts, byHost, byPlace, clusters, connectFailures, dataSentAgain, finding, firing, firingFor, foremost, host, howMany, increase, largest,
  largestInRange, listener, listeners, memoryUsed, namespaces, onePod, others, own, parts, pods, rate, recorded, scoped, severity, tcp, tcpExt, timeWaitUsed, type Part,
} from './queries.js';
import { findings } from './findings.js';
import * as level from './thresholds.js';

const nameInPod = '{{address}}:{{port}} {{unit}}';
const name = `${nameInPod} {{netns}}`;

/** A counter as a line of a graph. */
const counted = (name: string, counter: string, selector = namespaces): Part =>
  ({ name, expr: `sum(${rate(counter, selector)})`, moved: `sum(increase(${counter}{${selector}}[$__range] @ end()))` });

/** A rate that the rules record, as a line of a graph. */
const recordedLine = (name: string, series: string): Part =>
  ({ name, expr: `sum(${recorded(series, namespaces)})`, moved: `sum(max_over_time(${series}{${namespaces}}[$__range] @ end()))` });

/** A figure of now as a line of a graph. */
const gauged = (name: string, expr: string): Part => ({ name, expr, moved: `max_over_time((${expr})[$__range:] @ end())` });

/** The query of a graph of these lines. */
const lines = (...all: Part[]) => [{ expr: parts(all), legend: '{{line}}' }];

/** Queries of a graph of a few listeners, by a rank that leaves out those at rest, and of all others as one line. */
const fewListeners = (together: 'max' | 'sum', series: string, rank: string, legend = name) => [
  { expr: scoped(foremost(series, listener, rank)), legend },
  { expr: others(together, series, listener, rank), legend: allOthers[together] },
];

/** A gauge of listeners, and its largest value in the range. */
const ofListeners = (gauge: string, selector = listeners) => `max by (${listener}) (${gauge}{${selector}})`;
const largestOfListeners = (gauge: string, selector = listeners) => largestInRange(gauge, selector, listener);

/** A gauge of the one listener whose queue was longest. */
const ofLongest = (gauge: string) =>
  scoped(`${ofListeners(gauge)} and on (${listener}) topk(1, ${largestOfListeners('tcpstat_listen_queue_peak')})`);

/** The maximum of a recorded series in the range. */
const worstOf = (series: string) => `max(max_over_time(${series}[$__range]))`;

const lostAt = `sum by (${listener}) (${increase('tcpstat_listen_lost_total', listeners)})`;

/** Losses that no listener accounts for, as a row next to those of listeners. */
const unexplained =
  `label_replace(sum by (netns) (${increase('tcpstat_listen_lost_unattributed_total', namespaces)}) > 0, "address", "no listener explains", "", "")`;

/** What was lost and no listener accounts for, as a line beside those of listeners. */
const unlisted = counted('no listener explains', 'tcpstat_listen_lost_unattributed_total');
const unlistedInPod = counted('no listener explains', 'tcpstat_listen_lost_unattributed_total', onePod);

/** Losses by reason, with or without a listener. */
const lostFor = (reason: string, name: string): Part => {
  const [listed, unlisted] = ['tcpstat_listen_lost_total', 'tcpstat_listen_lost_unattributed_total'].map((counter) => counted(name, counter, `reason="${reason}", ${namespaces}`));
  return { name, expr: `${unlisted!.expr} + (${listed!.expr} or vector(0))`, moved: `${unlisted!.moved} + (${listed!.moved} or vector(0))` };
};

/** Datagrams that UDP dropped over IPv4 and over IPv6, which a host may lack. */
const udpErrors = (error: string, name: string): Part => {
  const [four, six] = ['udp', 'udp6'].map((protocol) => counted(name, `tcpstat_${protocol}_${error}_errors_total`));
  return { name, expr: `${four!.expr} + (${six!.expr} or vector(0))`, moved: `${four!.moved} + (${six!.moved} or vector(0))` };
};

/** Length of the SYN queue, of the backlog that bounds it. */
const halfOpen = `${ofListeners('tcpstat_listen_syn_queue_peak')} / (${ofListeners('tcpstat_listen_queue_limit')} > 0)`;
const mostHalfOpen = `${largestOfListeners('tcpstat_listen_syn_queue_peak')} / (${largestOfListeners('tcpstat_listen_queue_limit')} > 0)`;

const established = `state="established", ${listeners}`;
const leftUnread = `max by (${listener}) (${largest('tcpstat_listen_unread_connections', listeners)}) > 0`;

// le is "1" or "1.0", depending on the format of the scrape
const notFull = `sum by (${listener}) (rate(tcpstat_listen_queue_fill_ratio_bucket{le=~"1|1\\\\.0", ${listeners}}[$__rate_interval]))`;
const neverFilled = `sum(increase(tcpstat_listen_queue_fill_ratio_bucket{le=~"0|0\\\\.0", ${listeners}}[$__rate_interval]))`;
const observed = `sum by (${listener}) (rate(tcpstat_listen_queue_fill_ratio_count{${listeners}}[$__rate_interval]))`;

const statesOf = (selector: string) => `sum by (state) (tcpstat_connections{state!="listen", ${selector}})`;
const inState = statesOf(namespaces);
const inStateOfPod = statesOf(onePod);

const stateColors = [
  { name: 'established', color: 'green' }, { name: 'time_wait', color: 'blue' }, { name: 'close_wait', color: 'orange' },
  { name: 'syn_recv', color: 'red' }, { name: 'syn_sent', color: 'purple' }, { name: 'fin_wait1', color: 'dark-yellow' },
  { name: 'fin_wait2', color: 'light-blue' }, { name: 'last_ack', color: 'dark-orange' }, { name: 'closing', color: 'light-purple' },
  { name: 'close', color: 'text' }, { name: 'unknown', color: 'semi-dark-red' },
];

/** Of states that some socket was in, the same for each point of a graph. */
const everSeen = (expr: string, selector = namespaces) => `(${expr} and on (state) ${largestInRange('tcpstat_connections_peak', selector, 'state')} > 0)`;

/** Only states with at least one socket in the range. */
const seen = (expr: string) => `${expr} and on (state) sum by (state) (${largest('tcpstat_connections_peak', namespaces)}) > 0`;

const unaccepted = `sum(tcpstat_close_wait_unaccepted_connections{${namespaces}})`;

/** Connections that the peer has closed and the application has not. */
const heldInCloseWait: Part = {
  name: 'held by the application',
  expr: `sum(tcpstat_connections{state="close_wait", ${namespaces}}) - ${unaccepted}`,
  moved: `max(${largestInRange('tcpstat_connections', `state="close_wait", ${namespaces}`, 'netns')})`,
};

/** Connections by owner and destination, their maximum in the range. Accepted connections have no destination. */
const mostHeld = (gauge: string) => heldBy(largest(gauge, namespaces));

/** The current number: zero if there were some in the range. */
const nowHeld = (gauge: string) => `${heldBy(`${gauge}{${namespaces}}`)} or 0 * ${mostHeld(gauge)}`;

const heldBy = (series: string) =>
  `label_replace(max by (netns, unit, destination) (${series}), "destination", "accepted", "destination", "")`;

/** A value of the destination with the fewest free ports, with its labels. */
const ofBusiest = (gauge: string) =>
  `max by (netns, destination, source, unit) (tcpstat_ephemeral_ports_busiest_destination_info{${namespaces}} * on (${byNamespace}) group_left () ${gauge}{${namespaces}})`;

/** The labels that identify a destination, its share of retransmitted bytes, and the highest one in the range. */
const destination = 'netns, destination';
const retransmittedTo = `max by (${destination}) (tcpstat_destination_retransmitted_ratio{${namespaces}})`;
const worstRetransmittedTo = largestInRange('tcpstat_destination_retransmitted_ratio', namespaces, destination);

const syncookies = `tcpstat_sysctl{name="net.ipv4.tcp_syncookies", ${namespaces}}`;
const byNamespace = `${byHost}, netns`;

/** A value of each pod or container, with what it belongs to. */
const ofPods = (expr: string) =>
  `max by (netns, kind, workload, container) (${expr} * on (${byNamespace}) group_left (kind, workload, container) tcpstat_netns_info{${pods}} or on (${byNamespace}) ${expr})`;

const worstSentAgain = largestInRange('instance:tcpstat_tcp_data_retrans:ratio_rate5m', pods, 'netns');
const allListeners = 'all listeners';
const allPods = 'all pods and containers together';

/** A value of the exporter, with its labels. */
const ofBuild = (expr: string) => `max by (version, revision, runtime) (tcpstat_build_info{${host}} * on (${byHost}) group_left () (${expr}))`;

const row = (title: string) => new dashboard.RowBuilder(title);

/** A collapsed row. Its queries run only when it is opened. It contains its panels. */
const closedRow = (title: string) => row(title).collapsed(true);

export const hostDashboard = () => start(
  hostUid,
  'TCP / Host',
  'Why connections to and from this host fail: listeners, half-open connections, ports, TIME_WAIT, memory, retransmissions, other queues.')
  .withVariable(datasourceVariable())
  .withVariable(clusterVariable(`The cluster, by the target label "${clusterLabel}". It keeps hosts with the same name apart. "none" is for targets without this label.`))
  .withVariable(labelVariable('job', 'Job', 'Scrape job of the exporter.', `tcpstat_build_info{${clusters}}`, 'job'))
  .withVariable(labelVariable('instance', 'Host', 'The host, by the instance label of its exporter. Hosts that are down are in the list too.', `up{${clusters}, job="$job"}`, 'instance'))
  .withVariable(resultVariable(
    'netns', 'Namespace', 'The network namespace: the host\'s own, or that of a pod or container with series of its own.',
    `group by (netns, pattern) (label_replace(label_replace(label_replace(last_over_time(up{${own}}[$__range]) or last_over_time(tcpstat_netns_info{${pods}}[$__range]) or last_over_time(tcpstat_connections{${pods}, state="listen"}[$__range]), "pattern", "$1", "netns", "(.+)"), "pattern", "()", "netns", ""), "netns", "host", "netns", ""))`,
    '/netns="(?<text>[^"]*)",pattern="(?<value>[^"]*)"/')
    .current({ text: 'host', value: '()', selected: true }))
  .withVariable(resultVariable(
    'listener', 'Listener', 'Listeners by port. One port stands for all addresses that listen on it.',
    `label_join(group by (port, unit) (last_over_time(tcpstat_listen_sockets{${namespaces}}[$__range])), "listener", " ", "port", "unit")`,
    '/listener="(?<text>[^"]*?) ?",port="(?<value>[^"]*)"/')
    .multi(true).includeAll(true).allValue('.*').current(all))
  .withVariable(labelVariable('pod', 'Pods', 'Pods and containers that have a row of their own below. Only names with series are in the list.', `tcpstat_netns_info{${pods}}`, 'netns')
    .multi(true).includeAll(true).current(all))
  .annotation(alertAnnotation('critical', host))
  .annotation(alertAnnotation('warning', host))
  .link(otherDashboard('TCP / Fleet', fleetUid))

  .withPanel(verdict({
    title: 'Lost',
    description: 'SYNs and completed handshakes that listeners lost, for any reason (TcpExtListenDrops). Red if there are any.\n\nIt includes ListenOverflows: never add the two. It counts packets, so a client that retries counts each time. "Lost, and why" below shows the reasons.\n\nIt does not include packets that a listener discards and nobody misses.',
    width: 3, height: 5, unit: count, levels: level.anyCritical, mappings: [none], alerts: { names: about.loss, selector: namespaces, everything: host },
    queries: [
      { expr: `sum(${rate(tcpExt('listen_drops'), namespaces)})`, legend: 'now', unit: perSecond, decimals: 1 },
      { expr: `sum(${increase(tcpExt('listen_drops'), namespaces)})`, legend: 'in range', decimals: 0 },
    ],
  }))
  .withPanel(verdict({
    title: 'Queue fill',
    description: 'Accept queue: length / limit of the fullest socket of any listener. **Now**: the largest within the peak window. **In range**: the largest in the time range. Orange from 90 %, red from 100 %; the kernel drops above 100 %.\n\nA full queue means that the application does not accept fast enough. A larger backlog buys time, not speed.',
    width: 3, height: 5, unit: 'percentunit', decimals: 0, levels: level.fill, alerts: { names: about.queues, selector: namespaces, everything: host },
    queries: [
      { expr: `max(tcpstat_listen_queue_fill_ratio_peak{${namespaces}})`, legend: 'now' },
      { expr: `max(${largest('tcpstat_listen_queue_fill_ratio_peak', namespaces)})`, legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Ports used',
    description: 'Ephemeral ports that connect(2) cannot use towards the busiest destination (source address, destination address and port), of the ports in ip_local_port_range. Ports in TIME_WAIT that tcp_tw_reuse lets connect(2) reuse do not count. At 100 % connect(2) to this destination fails with EADDRNOTAVAIL.\n\nNo kernel counter shows this. Each destination can use all ports, so the number of ports in use on the host says little.',
    width: 3, height: 5, unit: 'percentunit', decimals: 0, levels: level.ports, alerts: { names: about.ports, selector: namespaces, everything: host },
    queries: [
      { expr: `max(${busiestPorts(namespaces)})`, legend: 'now' },
      { expr: worstOf(busiestPorts(namespaces)), legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'TIME_WAIT',
    description: 'Sockets in TIME_WAIT (and closed FIN_WAIT2), of tcp_max_tw_buckets. At 100 % connections skip TIME_WAIT, and late segments can reach a new connection.\n\nMuch TIME_WAIT is normal on a host that closes first, and it costs little. tcp_fin_timeout does not shorten it.',
    width: 3, height: 5, unit: 'percentunit', decimals: 0, levels: level.timeWait, alerts: { names: about.timeWait, selector: namespaces, everything: host },
    queries: [
      { expr: `max(${timeWaitUsed(namespaces)})`, legend: 'now' },
      { expr: worstOf(timeWaitUsed(namespaces)), legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Memory',
    description: 'Memory of all TCP buffers, of the pressure level (tcp_mem[1]). Above it the kernel shrinks buffers. Above tcp_mem[2] it drops and aborts.\n\nHost-wide: pods and containers share it. tcp_mem is in pages, not bytes.',
    width: 3, height: 5, unit: 'percentunit', decimals: 0, levels: level.memory, alerts: { names: about.memory, selector: own, everything: host },
    queries: [
      { expr: `max(${memoryUsed(own)})`, legend: 'now' },
      { expr: worstOf(memoryUsed(own)), legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Sent again',
    description: 'Retransmitted data segments, of all sent segments; 0.1 % is normal on the internet, several percent hurt. **Now**: over the last five minutes. **In range**: the highest.\n\nSYNs, SYN-ACKs and segments that the peer had already received do not count. With few segments the figure jumps.',
    width: 3, height: 5, unit: 'percentunit', decimals: 1, levels: level.retransmitted, alerts: { names: about.network, selector: namespaces, everything: host },
    queries: [
      { expr: `max(${dataSentAgain(namespaces)})`, legend: 'now' },
      { expr: worstOf(dataSentAgain(namespaces)), legend: 'in range' },
    ],
  }))
  .withPanel(verdict({
    title: 'Alerts',
    description: 'Firing alerts of this host, including its pods, with names that start with Tcp, Udp or Unix: critical ones and warnings. Informational alerts are only in the table below.\n\nAn alert keeps firing for a while, as its rule says. It can stay after the problem is gone.',
    width: 3, height: 5, unit: count, decimals: 0, levels: level.anyWarning, mappings: [none],
    queries: [
      { expr: howMany(firing, 'critical', host, `up{${host}} == 1`), legend: 'critical', levels: level.anyCritical },
      { expr: howMany(firing, 'warning', host, `up{${host}} == 1`), legend: 'warning' },
    ],
  }))
  .withPanel(verdict({
    title: 'Exporter',
    description: 'Age of the exporter\'s last sample, and the number of sources that it cannot read. Orange from 5 s. Red from 30 s, and if Prometheus cannot scrape it.\n\nIf a source cannot be read, its metrics disappear: its panels are empty, not zero. The age is that of the sample in the last scrape, so half a scrape interval is normal.',
    width: 3, height: 5, unit: 's', decimals: 0, levels: level.sampleAge, alerts: { names: about.exporter, selector: own, everything: host },
    queries: [
      {
        expr: `max(timestamp(tcpstat_last_sample_timestamp_seconds{${own}}) - tcpstat_last_sample_timestamp_seconds{${own}}) or on () (max(up{${host}}) - 1 < 0)`,
        legend: 'age', mappings: [down],
      },
      { expr: `sum(1 - tcpstat_source_up{${own}})`, legend: 'sources failing', unit: count, decimals: 0, levels: level.anyCritical, mappings: [none] },
    ],
  }))
  .withPanel(grid({
    title: 'Alerts firing',
    description: 'Alerts of this host, including its pods, that fire at the end of the time range, with names that start with Tcp, Udp or Unix; the worst first. **For**: the time since it began, including the time that it was pending. **Where**: address, port and owner of the listener, or the destination, or the pod, if the alert is about one.\n\nA name links to the runbook. Alertmanager may have silenced some.',
    width: 13, height: 7,
    sortBy: ['Severity', 'For (h:m:s)'],
    noValue: 'No alert fires',
    columns: [
      { title: 'Severity', expr: byPlace('', severity(firing, host)), width: 85, left: true, mappings: [severities], levels: level.never },
      { title: 'Alert', label: 'alertname', width: 255, link: runbookLink },
      { title: 'Where', label: 'place', wrap: true },
      { title: 'For (h:m:s)', expr: byPlace('', firingFor(host)), unit: duration, decimals: 0, width: 120 },
    ],
  }))
  .withPanel(grid({
    title: 'Findings',
    description: 'What the exporter\'s advisor finds wrong in the selected namespace now, the worst first. Judged once a minute, so a finding can stay after the problem is gone. `tcpstat-exporter doctor` on the host says what to do about each.',
    width: 11, height: 7,
    sortBy: ['Severity'],
    noValue: 'No finding, or not known',
    columns: [
      { title: 'Severity', expr: `max by (id) (${severity(finding, namespaces)})`, width: 85, left: true, mappings: [severities], levels: level.never },
      { title: 'Finding', label: 'id', mappings: [words(findings)] },
    ],
  }))

  .withRow(row('Listeners'))
  .withPanel(grid({
    title: 'Listeners: the most loss first, then the fullest queue',
    description: '**Lost packets**: connection requests and completed handshakes lost at this listener in the time range. A client that retries counts again. Losses that no listener explains have a row of their own. **Worst fill**: of the fullest socket of the group. **Queue** (now), **Longest** (in the time range), **Limit**: accept queue, summed over the group. It is full if its length is above the limit. The limit is min(backlog, somaxconn) at the time of listen(2): after a change of somaxconn the application has to listen again. **Half-open**: the most in the SYN queue in the time range. **Established**, **CLOSE_WAIT**: as of the last sweep.\n\nLost, fill and limit are blank if the exporter can only read procfs. Owner is the systemd unit or container of the socket\'s cgroup, blank if unknown. If an address is bound to a device or scope, it follows after a %.',
    width: 24, height: 10,
    noValue: 'No listener, or not known',
    sortBy: ['Lost packets', 'Worst fill'],
    columns: [
      { title: 'Address', label: 'address', least: 92 },
      { title: 'Port', label: 'port', width: 65 },
      { title: 'Owner', label: 'unit', least: 92, wrap: true },
      { title: 'Sockets', expr: scoped(`max by (${listener}) (tcpstat_listen_sockets{${listeners}})`), decimals: 0, width: 70 },
      { title: 'Lost packets', expr: `${scoped(lostAt)} or ${unexplained}`, decimals: 0, width: 128, levels: level.anyCritical },
      { title: 'Worst fill', expr: scoped(`max by (${listener}) (${largest('tcpstat_listen_queue_fill_ratio_peak', listeners)})`), unit: 'percentunit', decimals: 0, width: 110, levels: level.fill, bar: true },
      { title: 'Queue', expr: scoped(`max by (${listener}) (tcpstat_listen_queue_length{${listeners}})`), decimals: 0, width: 65 },
      { title: 'Longest', expr: scoped(`max by (${listener}) (${largest('tcpstat_listen_queue_peak', listeners)})`), decimals: 0, width: 75 },
      { title: 'Limit', expr: scoped(`max by (${listener}) (tcpstat_listen_queue_limit{${listeners}})`), decimals: 0, width: 60 },
      { title: 'Half-open', expr: scoped(`max by (${listener}) (${largest('tcpstat_listen_syn_queue_peak', listeners)})`), decimals: 0, width: 90 },
      { title: 'Established', expr: scoped(`max by (${listener}) (tcpstat_listen_connections{state="established", ${listeners}})`), decimals: 0, width: 105 },
      { title: 'CLOSE_WAIT', expr: scoped(`max by (${listener}) (tcpstat_listen_connections{state="close_wait", ${listeners}})`), decimals: 0, width: 110 },
    ],
  }))
  .withPanel(graph({
    title: 'Fill of the accept queue, the fullest listeners',
    description: 'Length / limit of the fullest socket, the largest within the peak window. The five fullest of the listeners that were more than a quarter full, and one line for the fullest of all others. The lines are at 90 %, where an alert begins, and at 100 %, above which the kernel drops.\n\nA peak lasts for the peak window, even if the burst took a tenth of a second. The heatmap beside it shows how long it really was.',
    width: 12, height: 8, unit: 'percentunit', levels: level.fill,
    queries: fewListeners(
      'max',
      ofListeners('tcpstat_listen_queue_fill_ratio_peak'),
      `${largestOfListeners('tcpstat_listen_queue_fill_ratio_peak')} > ${level.atRest}`),
  }))
  .withPanel(fillHeatmap({
    title: 'How full, how often',
    description: 'Samples of all selected listeners, by the fill of their fullest socket: one per listener and sample. The row +Inf is above the limit: the kernel was dropping. Samples with an empty queue are left out.\n\nSelect a listener above to see only that one.',
    width: 12, height: 8,
    // buckets are cumulative: subtract the lowest, so the others start above it
    expr: `sum by (le) (increase(tcpstat_listen_queue_fill_ratio_bucket{le!~"0|0\\\\.0", ${listeners}}[$__rate_interval])) - on () group_left () ${neverFilled}`,
  }))
  .withPanel(graph({
    title: 'Lost at each listener, the worst',
    description: 'Connection requests and completed handshakes lost at a listener, per second: its share of TcpExtListenDrops. The five that lost most, and one line for all others together. It counts packets: a client that retries counts again. Losses that no listener explains have a line of their own: the listener has no series, was gone at once, or more than one fits.\n\nPackets that a listener discarded and nobody misses (sk_drops) are not in it. `tcpstat_listen_drops_total` has those.',
    width: 12, height: 8, unit: perSecond,
    queries: [
      ...fewListeners(
        'sum',
        `sum by (${listener}) (${rate('tcpstat_listen_lost_total', listeners)})`,
        `sum by (${listener}) (increase(tcpstat_listen_lost_total{${listeners}}[$__range] @ end())) > 0`),
      { expr: `${unlisted.expr} and on () ${unlisted.moved} > 0`, legend: unlisted.name },
    ],
  }))
  .withPanel(graph({
    title: 'Lost, and why',
    description: 'Everything that listeners lost, by reason. **Accept queue full**: the application accepts too slowly. **SYN queue full**: too many half-open connections, with SYN cookies off. **Other**: no memory, no route, a security policy.\n\nThe stack adds up to TcpExtListenDrops, whichever listener is selected. It includes losses that no listener explains. It does not include packets that were discarded without harm.',
    width: 12, height: 8, unit: perSecond, stacked: true,
    lines: [{ name: 'accept queue full', color: 'red' }, { name: 'SYN queue full', color: 'orange' }, { name: 'other', color: 'purple' }],
    queries: lines(lostFor('accept_queue', 'accept queue full'), lostFor('syn_queue', 'SYN queue full'), lostFor('other', 'other')),
  }))
  .withPanel(graph({
    title: 'Accept queue against its limit, the longest',
    description: 'The listener with the longest queue in the time range: completed connections that wait to be accepted (Recv-Q of ss -ltn), summed over a SO_REUSEPORT group, and the limit (Send-Q, dashed). The area behind is its peak, the longest within the peak window. Select a listener above to see its queue instead.\n\nThis is not the SYN backlog. The sum of a group can look harmless while one of its sockets is full; the fill above shows that one. If the exporter can only read procfs, there is no limit.',
    width: 12, height: 8, unit: count, decimals: 0,
    lines: [
      { name: '/^queue /', color: 'blue' }, { name: '/^peak /', color: 'purple', area: true },
      { name: '/^limit /', color: 'red', limit: true, width: 1 },
    ],
    queries: ['peak', 'length', 'limit'].map((figure) => ({
      expr: ofLongest(`tcpstat_listen_queue_${figure}`),
      legend: `${figure === 'length' ? 'queue' : figure} ${name}`,
    })),
  }))
  .withPanel(graph({
    title: 'Time that the accept queue was full',
    description: 'Share of the samples in which the fullest socket of a listener was above its limit. In this time clients were turned away.\n\nSamples are taken each second, or as --listeners.interval says. A shorter burst can hide between two samples; "Lost" counts everything.',
    width: 12, height: 8, unit: 'percentunit',
    queries: fewListeners(
      'max',
      `1 - ${notFull} / (${observed} > 0)`,
      `${largestOfListeners('tcpstat_listen_queue_fill_ratio_peak')} > 1`),
  }))
  .withPanel(graph({
    title: 'Wait to be accepted, the longest',
    description: 'How long the oldest connection in the accept queue had waited for accept(2): the largest within the peak window. The five listeners with the longest waits, and one line for all others. Waits below 0.1 s are left out.\n\nClients see this time as response time. The application does not: its own figures begin when it accepts. If the exporter can only read procfs, nothing is drawn.',
    width: 12, height: 8, unit: 's',
    queries: fewListeners(
      'max',
      ofListeners('tcpstat_listen_queue_oldest_peak_seconds'),
      `${largestOfListeners('tcpstat_listen_queue_oldest_peak_seconds')} > 0.1`),
  }))
  .withPanel(graph({
    title: 'Connections that arrive, where a queue is in use',
    description: 'Length of the accept queue / age of its oldest connection: the connections that arrive at this listener per second. No kernel counter shows that. The five listeners with the longest waits, and one line for all others together. There is no line while the queue is empty.\n\nIf more arrive than the application accepts, the wait grows.',
    width: 12, height: 8, unit: perSecond,
    queries: fewListeners(
      'sum',
      `max by (${listener}) (tcpstat_listen_queue_length{${listeners}} / (tcpstat_listen_queue_oldest_seconds{${listeners}} > 0.1))`,
      `${largestOfListeners('tcpstat_listen_queue_oldest_peak_seconds')} > 0.1`),
  }))
  .withPanel(graph({
    title: 'SYN queue, of the backlog that bounds it',
    description: 'Half-open connections, of the backlog: the largest within the peak window, for the five fullest listeners. At 100 % the SYN queue is full: the kernel answers further SYNs with a cookie, or drops them if SYN cookies are off. Listeners without half-open connections are left out.\n\nThe bound is the listener\'s own backlog. tcp_max_syn_backlog only matters with SYN cookies off, and with tcp_syncookies=2 the queue stays empty. The table above has the numbers.',
    width: 12, height: 8, unit: 'percentunit', levels: { warn: 1, critical: Infinity },
    queries: fewListeners('max', halfOpen, `${mostHalfOpen} > 0`),
  }))
  .withPanel(graph({
    title: 'Established connections, the busiest listeners',
    description: 'Connections of this listener as of the last sweep (full scan of all sockets). Sweeps are seconds apart, on large hosts minutes, so the lines have steps.\n\nThe scale is logarithmic and ends above 0. It includes connections that wait in the accept queue.',
    width: 12, height: 8, unit: count, decimals: 0, wideScale: true,
    queries: fewListeners(
      'sum',
      ofListeners('tcpstat_listen_connections', established),
      `${largestOfListeners('tcpstat_listen_connections', established)} > 1`),
  }))
  .withPanel(grid({
    title: 'Listeners that stopped',
    description: 'Services that listened for a minute or more, stopped within the last hour and did not come back. Their clients are refused. **Ago**: hours, minutes and seconds since then.\n\nA restarted service leaves the table as soon as it listens again. Ports that the kernel picked itself are left out.',
    width: 12, height: 5,
    noValue: 'None stopped, or not known',
    sortBy: ['Ago (h:m:s)'],
    ascending: true,
    columns: [
      { title: 'Address', label: 'address', least: 92 },
      { title: 'Port', label: 'port', width: 65 },
      { title: 'Owner', label: 'unit', least: 92, wrap: true },
      { title: 'Ago (h:m:s)', expr: scoped(`(time() - max by (${listener}) (tcpstat_listen_closed_timestamp_seconds{${listeners}}))`), unit: duration, decimals: 0, width: 120, levels: level.anyWarning },
    ],
  }))
  .withPanel(grid({
    title: 'Accepted and not read',
    description: 'Connections with unread bytes in two sweeps in a row: the client sent something, and the application has not read it. **Now**, and the most **in range**. An application that reads leaves few or none. If all connections of a listener stay unread, the application accepts and then hangs.\n\nSweeps are seconds apart, on large hosts minutes. Data that an application leaves unread on purpose counts too. Listeners that leave nothing unread are left out.',
    width: 12, height: 5,
    noValue: 'Nothing is left unread, or not known',
    sortBy: ['Now', 'In range'],
    columns: [
      { title: 'Address', label: 'address', least: 92 },
      { title: 'Port', label: 'port', width: 65 },
      { title: 'Owner', label: 'unit', least: 92, wrap: true },
      { title: 'Now', expr: scoped(`${ofListeners('tcpstat_listen_unread_connections')} and on (${listener}) ${leftUnread}`), decimals: 0, width: 70 },
      { title: 'In range', expr: scoped(`(${leftUnread})`), decimals: 0, width: 90 },
    ],
  }))

  .withRow(closedRow('Pods and containers')
    .withPanel(grid({
      title: 'Pods and containers in trouble: the most loss first',
      description: 'Network namespaces that were in trouble and have series of their own: pods, containers, units with PrivateNetwork=, names in /run/netns. **Lost packets**: lost at all listeners in it in the time range (TcpExtListenDrops). **Sent again**: retransmitted data segments, of all sent segments in five minutes. **Failed connects**: of all begun in five minutes. **Established**: includes CLOSE_WAIT.\n\nA name leads to this page for that namespace. Nothing on the rest of this page counts what is here.',
      width: 24, height: 6,
      noValue: 'None was in trouble, or the exporter cannot see them',
      sortBy: ['Lost packets', 'Sent again'],
      columns: [
        { title: 'Namespace', label: 'netns', least: 200, link: { title: 'This namespace', url: netnsHere } },
        { title: 'Kind', label: 'kind', width: 95 },
        { title: 'Workload', label: 'workload', least: 110 },
        { title: 'Container', label: 'container', least: 110 },
        { title: 'Lost packets', expr: ofPods(`sum by (${byNamespace}) (${increase(tcpExt('listen_drops'), pods)})`), decimals: 0, width: 128, levels: level.anyCritical },
        { title: 'Sent again', expr: ofPods(`max by (${byNamespace}) (${dataSentAgain(pods)})`), unit: 'percentunit', decimals: 1, width: 113, levels: level.retransmitted },
        { title: 'Failed connects', expr: ofPods(`max by (${byNamespace}) (${connectFailures(pods)})`), unit: 'percentunit', decimals: 0, width: 130, levels: level.connectFailures },
        { title: 'Established', expr: ofPods(`max by (${byNamespace}) (tcpstat_tcp_curr_estab{${pods}})`), decimals: 0, width: 105 },
      ],
    }))
    .withPanel(fact({
      title: 'Namespaces',
      description: 'Network namespaces other than the host\'s own. **Seen**: they have processes. **Read**: the exporter reads their counters. **In trouble**: names that lost connections or data, or retransmitted more than 5 %, between the last two reads. **No series**: names that were in trouble beyond the limit --netns.max.',
      width: 4, height: 8, unit: count, decimals: 0,
      queries: [['seen', 'seen'], ['sampled', 'read'], ['in_trouble', 'in trouble'], ['not_exported', 'no series']].map(([figure, legend]) =>
        ({ expr: `max(tcpstat_netns_${figure}{${host}})`, legend: legend! })),
    }))
    .withPanel(graph({
      title: 'Lost at listeners of pods, the worst',
      description: 'TcpExtListenDrops a second of the five pods or containers that lost most in the time range. The grey line is all of them together, those without series of their own too.\n\nThe exporter reads these counters every 15 s, or as --netns.interval says. So the lines have steps.',
      width: 10, height: 8, unit: perSecond,
      lines: [{ name: allPods, color: '#8a919c', width: 1 }],
      queries: [
        {
          expr: foremost(
            `sum by (netns) (rate(${tcpExt('listen_drops')}{${pods}}[1m]))`, 'netns',
            `sum by (netns) (increase(${tcpExt('listen_drops')}{${pods}}[$__range] @ end())) > 0`),
          legend: '{{netns}}',
        },
        { expr: `sum(rate(tcpstat_netns_listen_drops_total{${host}}[1m]))`, legend: allPods },
      ],
    }))
    .withPanel(graph({
      title: 'Sent again by pods, the worst',
      description: 'Retransmitted data segments of the five worst pods or containers, of all the segments they sent, over five minutes. The lines are the levels of the host\'s own graph. One line stands for the worst of all others with series.\n\nIf all pods of a host have it, look at the host\'s network.',
      width: 10, height: 8, unit: 'percentunit', levels: level.retransmitted, noValue: 'No pod has series of its own',
      queries: [
        { expr: foremost(`max by (netns) (${dataSentAgain(pods)})`, 'netns', worstSentAgain), legend: '{{netns}}' },
        { expr: others('max', `max by (netns) (${dataSentAgain(pods)})`, 'netns', worstSentAgain), legend: allOthers.max },
      ],
    }))
    .withPanel(grid({
      title: 'Findings in pods',
      description: 'What the exporter\'s advisor finds wrong in pods and containers now, the worst first. `tcpstat-exporter doctor --netns NAME` on the host says what to do. Judged once a minute, so a finding can stay after the problem is gone.',
      width: 24, height: 5,
      sortBy: ['Severity'],
      noValue: 'No finding, or not known',
      columns: [
        { title: 'Severity', expr: `max by (netns, id) (${severity(finding, pods)})`, width: 85, left: true, mappings: [severities], levels: level.never },
        { title: 'Namespace', label: 'netns', least: 200 },
        { title: 'Finding', label: 'id', least: 300, mappings: [words(findings)] },
      ],
    })))

  .withRow(closedRow('Pod: $pod').repeat('pod')
    .withPanel(graph({
      title: 'Lost at listeners of this pod',
      description: 'Connection requests and completed handshakes lost at each listener of this pod, per second. The five that lost most, and one line for all others together. Losses that no listener explains have a line of their own.\n\n**All listeners** is TcpExtListenDrops of the pod, read every 15 s: the only line if the exporter cannot read listeners of pods. Never add it to the others.',
      width: 12, height: 7, unit: perSecond,
      lines: [{ name: allListeners, color: '#8a919c', width: 1 }],
      queries: [
        ...fewListeners(
          'sum',
          `sum by (${listener}) (${rate('tcpstat_listen_lost_total', onePod)})`,
          `sum by (${listener}) (increase(tcpstat_listen_lost_total{${onePod}}[$__range] @ end())) > 0`,
          nameInPod),
        { expr: `${unlistedInPod.expr} and on () ${unlistedInPod.moved} > 0`, legend: unlistedInPod.name },
        { expr: `sum(rate(${tcpExt('listen_drops')}{${onePod}}[1m]))`, legend: allListeners },
      ],
    }))
    .withPanel(graph({
      title: 'Fullest accept queues of this pod',
      description: 'Length / limit of the fullest socket of a listener in this pod, the largest within the peak window. The five fullest, and one line for the fullest of all others. The lines are at 90 %, where an alert begins, and at 100 %, above which the kernel drops.\n\nIt needs the opener: without it, the exporter only reads the counters of a pod.',
      width: 12, height: 7, unit: 'percentunit', levels: level.fill, noValue: 'Listeners of this pod are not read',
      queries: fewListeners(
        'max',
        ofListeners('tcpstat_listen_queue_fill_ratio_peak', onePod),
        `${largestOfListeners('tcpstat_listen_queue_fill_ratio_peak', onePod)} > ${level.atRest}`,
        nameInPod),
    }))
    .withPanel(graph({
      title: 'Connections of this pod',
      description: 'Sockets of this pod in each state except listen. The scale is logarithmic. States without sockets are left out.\n\nThe exporter counts the sockets of pods in turn, so on a host with many connections the figures are some seconds old (tcpstat_states_age_seconds). Without the opener there are two figures instead, both from counters: **established or close_wait** (TcpCurrEstab) and **time_wait or fin_wait2**.',
      width: 12, height: 7, unit: count, decimals: 0, wideScale: true,
      lines: stateColors,
      queries: [
        { expr: everSeen(inStateOfPod, onePod), legend: '{{state}}' },
        { expr: `max(tcpstat_tcp_curr_estab{${onePod}}) unless on () max(${inStateOfPod})`, legend: 'established or close_wait' },
        { expr: `max(tcpstat_sockets_time_wait{${onePod}}) unless on () max(${inStateOfPod})`, legend: 'time_wait or fin_wait2' },
      ],
    }))
    .withPanel(graph({
      title: 'Sent again by this pod',
      description: 'Retransmitted data segments of this pod, of all the segments it sent, over five minutes. The lines are the levels of the host\'s own graph.\n\nSYNs, SYN-ACKs and segments that the peer had already received do not count. With few segments the figure jumps.',
      width: 12, height: 7, unit: 'percentunit', levels: level.retransmitted,
      queries: [{ expr: `max(${dataSentAgain(onePod)})` }],
    })))

  .withRow(closedRow('Connections')
    .withPanel(graph({
      title: 'Connections by state',
      description: 'Sockets in each state except listen, IPv4 and IPv6 together. The scale is logarithmic, so that 20 in CLOSE_WAIT show beside 20,000 established. It ends above 0. States without sockets share one line.\n\nSYN_RECV does not measure a flood: it stops at about the backlog, and is 0 with tcp_syncookies=2.',
      width: 12, height: 10, unit: count, decimals: 0, wideScale: true,
      lines: stateColors,
      queries: [
        { expr: everSeen(inState), legend: '{{state}}' },
        { expr: `max(${inState} unless on (state) ${everSeen(inState)})`, legend: atZero },
      ],
    }))
    .withPanel(grid({
      title: 'Now and at peak',
      description: '**Now**: the last sample. **Peak**: the largest sample of the peak window (60 s by default), so that a scrape every 15 or 60 s misses no burst of a second. **In range**: the largest of all.\n\nStates without sockets in the time range are left out.',
      width: 12, height: 10,
      sortBy: ['In range'],
      columns: [
        { title: 'State', label: 'state', least: 105 },
        { title: 'Now', expr: seen(`sum by (state) (tcpstat_connections{${namespaces}})`), decimals: 0, least: 68 },
        { title: 'Peak', expr: seen(`sum by (state) (tcpstat_connections_peak{${namespaces}})`), decimals: 0, least: 68 },
        { title: 'In range', expr: seen(`sum by (state) (${largest('tcpstat_connections_peak', namespaces)})`), decimals: 0, least: 90 },
      ],
    }))
    .withPanel(graph({
      title: 'CLOSE_WAIT: leaked or given up?',
      description: '**Held**: the peer has closed and the application has not. If it only grows, the application leaks descriptors. No kernel counter shows that. **Never accepted**: the client gave up while it waited in the accept queue. The listener is too slow, and nothing leaks.',
      width: 12, height: 6, unit: count, decimals: 0, stacked: true,
      lines: [{ name: 'held by the application', color: 'orange' }, { name: 'never accepted', color: 'purple' }],
      queries: lines(
        heldInCloseWait,
        { name: 'never accepted', expr: unaccepted, moved: `max(${largestInRange('tcpstat_close_wait_unaccepted_connections', namespaces, 'netns')})` },
      ),
    }))
    .withPanel(grid({
      title: 'CLOSE_WAIT: who holds it',
      description: 'Connections in CLOSE_WAIT that an application does not close, by owner: now, and the most in the time range. **Opened to**: the peer, if this host opened them. **accepted**: at a listener here; the table of listeners shows which one.\n\nThe ten largest. Connections that leave CLOSE_WAIT within three seconds are left out. Owner is blank if it is unknown.',
      width: 12, height: 6,
      sortBy: ['Now', 'In range'],
      columns: [
        { title: 'Owner', label: 'unit', least: 92, wrap: true },
        { title: 'Opened to', label: 'destination', least: 130 },
        { title: 'Now', expr: nowHeld('tcpstat_close_wait_held_connections'), decimals: 0, width: 80 },
        { title: 'In range', expr: mostHeld('tcpstat_close_wait_held_connections'), decimals: 0, width: 90 },
      ],
    })))

  .withRow(closedRow('Half-open connections and SYN cookies')
    .withPanel(fact({
      title: 'SYN cookies',
      description: 'net.ipv4.tcp_syncookies. **When full**: the kernel sends a cookie if the SYN queue is full, and nothing is lost. **Always** (2): every SYN gets one, so all cookie figures move without any problem. **Off**: the kernel drops SYNs if the queue is full.',
      width: 4, height: 8, unit: count,
      mappings: [words({ 0: ['off', 'orange'], 1: ['when full', 'green'], 2: ['always', 'blue'] })],
      queries: [{ expr: `max(${syncookies})`, legend: 'tcp_syncookies' }],
    }))
    .withPanel(fact({
      title: 'Half-open',
      description: 'Connections in SYN_RECV: now, and the largest sample in the time range.\n\nIt does not measure a flood: it stops at about the listener\'s backlog.',
      width: 4, height: 8, unit: count, decimals: 0,
      queries: [
        { expr: `sum(tcpstat_connections{state="syn_recv", ${namespaces}})`, legend: 'now' },
        { expr: `max_over_time(sum(tcpstat_connections_peak{state="syn_recv", ${namespaces}})[$__range:])`, legend: 'in range' },
      ],
    }))
    .withPanel(graph({
      title: 'SYNs that met a full SYN queue',
      description: 'This, not SyncookiesFailed, is the sign of a full SYN queue. **Answered by a cookie** (TCPReqQFullDoCookies): nothing is lost, except perhaps options such as window scaling. **Dropped** (TCPReqQFullDrop): SYN cookies are off.\n\nNot drawn with tcp_syncookies=2, because then every SYN counts as answered by a cookie.',
      width: 8, height: 8, unit: perSecond, stacked: true,
      lines: [{ name: 'answered by a cookie', color: 'orange' }, { name: 'dropped', color: 'red' }],
      queries: lines(
        {
          name: 'answered by a cookie',
          expr: `sum(${rate(tcpExt('req_q_full_do_cookies'), namespaces)} unless on (${byNamespace}) ${syncookies} == 2)`,
          moved: `sum(increase(${tcpExt('req_q_full_do_cookies')}{${namespaces}}[$__range] @ end()) unless on (${byNamespace}) ${syncookies} == 2)`,
        },
        counted('dropped', tcpExt('req_q_full_drop')),
      ),
    }))
    .withPanel(graph({
      title: 'SYN cookies: sent and come back',
      description: '**Sent**: SYN-ACKs with a cookie. **Come back**: ACKs with a valid one. If far more are sent than come back, the SYNs are forged, or the clients gave up. If both are alike, it is a real rush of clients.\n\n**Not decoded** (SyncookiesFailed) is not a sign of a full queue. It counts ACKs with an invalid cookie, late or forged, only on listeners that sent cookies in the last two minutes.',
      width: 8, height: 8, unit: perSecond,
      lines: [{ name: 'sent', color: 'orange' }, { name: 'come back', color: 'green' }, { name: 'not decoded', color: 'purple' }],
      queries: lines(
        counted('sent', tcpExt('syncookies_sent')),
        counted('come back', tcpExt('syncookies_recv')),
        counted('not decoded', tcpExt('syncookies_failed')),
      ),
    })))

  .withRow(closedRow('Retransmissions, timeouts and failed connects')
    .withPanel(graph({
      title: 'Segments sent again, of all sent',
      description: '**Data**: retransmitted data segments, of all sent segments. SYNs, SYN-ACKs and what the peer reports as received twice do not count. The lines are for it: at 5 %, where an alert begins if there are more than five a second, and at 15 %. **All** (RetransSegs): every retransmission.\n\nOver five minutes. On a host with little traffic a few lost segments are a large share.',
      width: 12, height: 8, unit: 'percentunit', levels: level.retransmitted,
      lines: [{ name: 'data', color: 'blue' }, { name: 'all', color: 'purple', area: true }],
      queries: [
        { expr: `max(${dataSentAgain(namespaces)})`, legend: 'data' },
        { expr: `max(${recorded('instance:tcpstat_tcp_retrans_segs:ratio_rate5m', namespaces)})`, legend: 'all' },
      ],
    }))
    .withPanel(graph({
      title: 'What is sent again',
      description: '**Fast**: because of ACKs, cheap. **After a timeout**: in slow start after the timer expired; the connection stood still before. **SYN**: SYNs and SYN-ACKs; connections open slowly, the peer is down or its queue is full. **Lost again**: retransmissions that were lost too.\n\nThese are parts of RetransSegs, not all of it, and they overlap: do not add them.',
      width: 12, height: 8, unit: perSecond,
      queries: lines(
        counted('fast', tcpExt('fast_retrans')),
        counted('after a timeout', tcpExt('slow_start_retrans')),
        counted('SYN', tcpExt('syn_retrans')),
        counted('lost again', tcpExt('lost_retransmit')),
        counted('could not be sent', tcpExt('retrans_fail')),
      ),
    }))
    .withPanel(graph({
      title: 'Timeouts',
      description: '**Retransmission timer**: how often it expires, for data, FIN, SYN and SYN-ACK. An unanswered segment counts at each retry. **Of data**: timeouts that stall connections, over five minutes. **Needless**: the originals had arrived after all (F-RTO). **Given up**: connections ended after unanswered retries, probes or keepalives, connect() included. **Keepalive probes** are not errors.\n\nThe line is where an alert begins: 5 timeouts of data a second for ten minutes, if they are also 1 % of the sent segments.',
      width: 12, height: 8, unit: perSecond, levels: level.timeouts,
      lines: [{ name: 'connections given up', color: 'red' }],
      queries: lines(
        counted('retransmission timer', tcpExt('timeouts')),
        recordedLine('of data', 'instance:tcpstat_tcp_data_timeouts:rate5m'),
        counted('needless', tcpExt('spurious_rtos')),
        counted('connections given up', tcpExt('abort_on_timeout')),
        counted('keepalive probes', tcpExt('keep_alive')),
      ),
    }))
    .withPanel(graph({
      title: 'Outgoing connections that failed, of all begun',
      description: 'connect(2) calls that were refused, timed out or found no route: AttemptFails without EmbryonicRsts, of ActiveOpens, over five minutes. The line is at 10 %, where an alert begins if there are more than one a second.\n\nA connection that fails now may have begun minutes ago. Failures for lack of a local port (EADDRNOTAVAIL) are in none of these counters.',
      width: 12, height: 8, unit: 'percentunit', levels: level.connectFailures, noValue: 'No outgoing connections, or not known',
      lines: [{ name: 'failed', color: 'blue' }],
      queries: [{ expr: `max(${connectFailures(namespaces)})`, legend: 'failed' }],
    }))
    .withPanel(graph({
      title: 'How long connect(2) waits for an answer',
      description: 'Mean time in SYN_SENT, over five minutes. Milliseconds if destinations answer. A second or more: something does not answer at all. It shows this even if clients give up by their own timeout, which no kernel counter shows. The line is where an alert begins.\n\nIt is a mean over all destinations: many that answer hide one that does not. The table beside it shows that one.',
      width: 12, height: 6, unit: 's', levels: level.connectWait, noValue: 'No outgoing connections, or not known',
      lines: [{ name: 'waits', color: 'blue' }],
      queries: [{ expr: `max(${recorded('instance:tcpstat_syn_sent:mean5m', namespaces)})`, legend: 'waits' }],
    }))
    .withPanel(grid({
      title: 'Destinations that are waited for',
      description: 'Connections in SYN_SENT, by destination and owner: now, and the most in the time range. A destination that stays here does not answer.\n\nThe five largest. If this host connects often or the network is slow, a healthy destination also has a few.',
      width: 12, height: 6,
      sortBy: ['Now', 'In range'],
      columns: [
        { title: 'Destination', label: 'destination', least: 130 },
        { title: 'Owner', label: 'unit', least: 92, wrap: true },
        { title: 'Now', expr: nowHeld('tcpstat_syn_sent_destination_connections'), decimals: 0, width: 80 },
        { title: 'In range', expr: mostHeld('tcpstat_syn_sent_destination_connections'), decimals: 0, width: 90 },
      ],
    }))
    .withPanel(graph({
      title: 'Retransmitted by destination, the worst',
      description: 'Retransmitted bytes, of the bytes sent to a destination between two sweeps. The five worst in the time range, and one line for the worst of all others. A destination has a line only while its share is above 5 % and at least 16 KiB were retransmitted; at most ten have one.\n\nIf one destination loses and the others do not, the path to it or the peer is the cause. If all lose, look at this host\'s own link. Connections that open and close between two sweeps are missed.',
      width: 12, height: 6, unit: 'percentunit', noValue: 'No destination above 5 %, or not known',
      queries: [
        { expr: foremost(retransmittedTo, destination, worstRetransmittedTo), legend: '{{destination}} {{netns}}' },
        { expr: others('max', retransmittedTo, destination, worstRetransmittedTo), legend: allOthers.max },
      ],
    }))
    .withPanel(grid({
      title: 'Destinations that lose data',
      description: 'Destinations where more than 5 % of the sent bytes were retransmissions, the worst first. **Worst**: the highest share in the time range. **Now**: as of the last sweep, blank if it is below 5 %. **Round trip**: the last known smoothed round-trip time, the mean of the connections that sent data.\n\nA destination is address:port of a service that this host connects to, or the address of a client. The peer may delay its acknowledgements, and the round trip includes that delay.',
      width: 12, height: 6,
      noValue: 'No destination above 5 %, or not known',
      sortBy: ['Worst', 'Now'],
      columns: [
        { title: 'Destination', label: 'destination', least: 130 },
        { title: 'Worst', expr: `max by (${destination}) (${largest('tcpstat_destination_retransmitted_ratio', namespaces)})`, unit: 'percentunit', decimals: 1, width: 80, levels: level.retransmitted },
        { title: 'Now', expr: retransmittedTo, unit: 'percentunit', decimals: 1, width: 80, levels: level.retransmitted },
        { title: 'Round trip', expr: `max by (${destination}) (last_over_time(tcpstat_destination_round_trip_seconds{${namespaces}}[$__range]))`, unit: 's', decimals: 1, width: 105 },
      ],
    })))

  .withRow(closedRow('Local ports and TIME_WAIT')
    .withPanel(graph({
      title: 'Ephemeral ports, of those that the range offers',
      description: '**Busiest destination**: ports that connect(2) cannot use towards the (source address, destination address and port) that has the most. Ports in TIME_WAIT that tcp_tw_reuse lets connect(2) reuse do not count. This is what runs out: connect(2) then fails with EADDRNOTAVAIL while other destinations still work. The lines are at 80 % and 99 %, where alerts begin.\n\n**IPv4** and **IPv6**: distinct ports in use towards anything. They may reach 100 % without harm, because one port serves many destinations. As of the last sweep.',
      width: 8, height: 8, unit: 'percentunit', levels: level.ports,
      lines: [{ name: 'busiest destination', color: 'blue', width: 3 }, { name: 'ipv4', color: 'green', area: true }, { name: 'ipv6', color: 'purple', area: true }],
      queries: [
        { expr: `max(${busiestPorts(namespaces)})`, legend: 'busiest destination' },
        { expr: `max by (family) (${recorded('instance:tcpstat_ephemeral_ports:ratio', namespaces)}) and on (family) ${largestInRange('instance:tcpstat_ephemeral_ports:ratio', namespaces, 'family')} > 0`, legend: '{{family}}' },
      ],
    }))
    .withPanel(graph({
      title: 'TIME_WAIT, of tcp_max_tw_buckets',
      description: 'Sockets in TIME_WAIT, and in FIN_WAIT2 if already closed here. At 100 % connections close without TIME_WAIT (overflow, on the right). The lines are at 85 %, where an alert begins, and at 100 %.\n\nTIME_WAIT lasts 60 s; tcp_fin_timeout does not shorten it. It protects from late segments: raise the limit, do not fight it.',
      width: 8, height: 8, unit: 'percentunit', levels: level.timeWait,
      lines: [{ name: 'TIME_WAIT', color: 'blue' }],
      queries: [{ expr: `max(${timeWaitUsed(namespaces)})`, legend: 'TIME_WAIT' }],
    }))
    .withPanel(graph({
      title: 'Into TIME_WAIT, and past it',
      description: '**Entered**: connections that went into TIME_WAIT here, because this host closed first. **Taken over**: ports that a new outgoing connection reused early (tcp_tw_reuse, harmless). **Overflow** (TCPTimeWaitOverflow): closed at once, because of tcp_max_tw_buckets or memory.\n\nTWKilled is not loss: it counts short FIN_WAIT2.',
      width: 8, height: 8, unit: perSecond,
      lines: [{ name: 'entered', color: 'blue' }, { name: 'taken over', color: 'green' }, { name: 'overflow', color: 'red' }],
      queries: lines(
        counted('entered', tcpExt('tw')),
        counted('taken over', tcpExt('tw_recycled')),
        counted('overflow', tcpExt('time_wait_overflow')),
      ),
    }))
    .withPanel(grid({
      title: 'The busiest destination',
      description: 'The destination with the fewest free ephemeral ports, from which source address, and the unit that holds most of its ports. As of the last sweep. The graph above shows it over time.\n\nOthers may hold nearly as many. This one runs out first.',
      width: 24, height: 4,
      sortBy: ['Of the range'],
      columns: [
        { title: 'Destination', label: 'destination' },
        { title: 'Source', label: 'source' },
        { title: 'Owner', label: 'unit', least: 92, wrap: true },
        { title: 'Ports', expr: ofBusiest('tcpstat_ephemeral_ports_busiest_destination_held'), decimals: 0, width: 90 },
        { title: 'Of the range', expr: ofBusiest('instance:tcpstat_ephemeral_ports_busiest_destination:ratio'), unit: 'percentunit', decimals: 0, width: 130, levels: level.ports },
      ],
    })))

  .withRow(closedRow('Memory')
    .withPanel(graph({
      title: 'TCP memory against tcp_mem',
      description: 'Memory of all TCP buffers, and two limits of tcp_mem. Above pressure the kernel shrinks buffers, until the memory is below low (see Kernel parameters). Above high it drops and aborts. Alerts begin at pressure, and at 85 % of high.\n\nHost-wide: pods and containers share it. A line flat at the bottom is good. If tcp_mem is more than a third of the host\'s memory, the out-of-memory killer comes before TCP protects itself.',
      width: 8, height: 8, unit: 'bytes',
      lines: [
        { name: 'in use', color: 'blue' },
        { name: 'pressure', color: 'yellow', limit: true, width: 1 }, { name: '/of high$/', color: 'orange', limit: true, width: 1 },
        { name: 'high', color: 'red', limit: true, width: 1 },
      ],
      queries: [
        { expr: `max(tcpstat_memory_bytes{${host}})`, legend: 'in use' },
        { expr: `max by (level) (tcpstat_memory_limit_bytes{level!="low", ${host}})`, legend: '{{level}}' },
        {
          expr: `${level.memoryOfHigh} * max(tcpstat_memory_limit_bytes{level="high", ${host}})`,
          legend: `${level.percent(level.memoryOfHigh)} of high`,
        },
      ],
    }))
    .withPanel(graph({
      title: 'Short of memory',
      description: '**Aborted**: orphans dropped, for too many of them or memory above tcp_mem[2]. **Buffer prunings**: attempts to reclaim; only those that **failed** lose data, which "Received data dropped" shows. **Entered pressure**: times, not duration.\n\nPressure is host-wide, but only the namespace that met it counts it.',
      width: 8, height: 8, unit: perSecond,
      lines: [{ name: 'aborted', color: 'red' }, { name: 'prunings that failed', color: 'orange' }],
      queries: lines(
        counted('entered pressure', tcpExt('memory_pressures')),
        counted('buffer prunings', tcpExt('prune_called')),
        counted('prunings that failed', tcpExt('rcv_pruned')),
        counted('aborted', tcpExt('abort_on_memory')),
      ),
    }))
    .withPanel(graph({
      title: 'Orphans, of tcp_max_orphans',
      description: 'Sockets that no process holds and that still have to finish. The lines are at 25 %, where an alert begins, and at 100 %. An orphan whose peer is slow or silent counts up to four times against the limit, so the kernel can begin to abort them (TCPAbortOnMemory) at a quarter already.\n\nHost-wide: pods and containers share it.',
      width: 8, height: 8, unit: 'percentunit', levels: level.orphans,
      lines: [{ name: 'orphans', color: 'blue' }],
      queries: [{ expr: `max(${recorded('instance:tcpstat_sockets_orphaned:ratio', own)})`, legend: 'orphans' }],
    })))

  .withRow(closedRow('Resets, aborts and slow readers')
    .withPanel(graph({
      title: 'Resets',
      description: '**RSTs sent**: also the answer to any SYN to a closed port, so port scans show here. **Established, then reset** (EstabResets): from ESTABLISHED or CLOSE_WAIT straight to closed, by either side. **Half-open, then reset** (EmbryonicRsts). **Attempts failed** (AttemptFails): failed handshakes, including outgoing ones.\n\nThe line is for connections reset when established. An alert begins at 5 a second for ten minutes, if they are also a quarter of the opened ones and three times the usual number. None of these is the number of RSTs received, which the kernel does not count.',
      width: 12, height: 8, unit: perSecond, levels: level.resets,
      queries: lines(
        counted('RSTs sent', tcp('out_rsts')),
        counted('established, then reset', tcp('estab_resets')),
        counted('half-open, then reset', tcpExt('embryonic_rsts')),
        counted('attempts failed', tcp('attempt_fails')),
      ),
    }))
    .withPanel(graph({
      title: 'Connections aborted here',
      description: '**Data unread**: the application closed without reading everything. **Data after close**, or SO_LINGER 0. **Timeout**: no answer. **Memory**: too many orphans or tcp_mem[2]. **Linger**: negative TCP_LINGER2. **Peer not told**: the RST could not be sent.\n\nThe first two come from the application, often on purpose.',
      width: 12, height: 8, unit: perSecond,
      queries: lines(
        counted('data unread', tcpExt('abort_on_close')),
        counted('data after close', tcpExt('abort_on_data')),
        counted('timeout', tcpExt('abort_on_timeout')),
        counted('memory', tcpExt('abort_on_memory')),
        counted('linger', tcpExt('abort_on_linger')),
        counted('peer not told', tcpExt('abort_failed')),
      ),
    }))
    .withPanel(graph({
      title: 'Received data dropped, in five minutes',
      description: 'Segments that arrived and found no room. The peer sends them again, so connections are slow and nothing is lost. **Socket backlog** (TCPBacklogDrop): while the owner held the socket; not the backlog of listen(2). **Receive queue** (TCPRcvQDrop, which older kernels lack) and **out of order** (TCPOFODrop): the buffer was full, or TCP was short of memory.\n\nThe line is at 50, where an alert begins if they are also 0.1 % of the received segments.',
      width: 12, height: 8, unit: count, decimals: 0, stacked: true, levels: level.receiveDrops,
      lines: [{ name: 'socket backlog', color: 'orange' }, { name: 'receive queue', color: 'red' }, { name: 'out of order', color: 'purple' }],
      queries: lines(...([['backlog_drop', 'socket backlog'], ['rcv_q_drop', 'receive queue'], ['ofo_drop', 'out of order']] as const)
        .map(([counter, name]) => gauged(name, `sum(increase(${tcpExt(counter)}{${namespaces}}[5m]))`))),
    }))
    .withPanel(graph({
      title: 'Slow readers and bad segments',
      description: '**Window closed**: times that an application here read so slowly that the window fell to zero. **Bad segments** (InErrs), including **bad checksum**. **Old timestamp** (PAWSEstab). **Challenged**: challenge ACKs sent because segments fit their connection badly.',
      width: 12, height: 8, unit: perSecond,
      // a bad segment is often challenged: the one must not hide the other
      lines: [{ name: 'challenged', color: 'blue', area: true }],
      queries: lines(
        counted('window closed', tcpExt('to_zero_window_adv')),
        counted('bad segments', tcp('in_errs')),
        counted('bad checksum', tcp('in_csum_errors')),
        counted('old timestamp', tcpExt('paws_estab')),
        counted('challenged', tcpExt('challenge_ack')),
      ),
    })))

  .withRow(closedRow('Other queues: connection tracking, CPUs, UDP, Unix sockets')
    .withPanel(graph({
      title: 'Connection tracking, of nf_conntrack_max',
      description: 'Entries of the fullest network namespace. Each namespace counts its own against the one limit. The lines are at ' + level.percent(level.conntrack.warn) + ', where an alert begins, and at 100 %. There, new connections evict unanswered ones or are dropped.\n\nBlank: this host does not track connections, or has no limit.',
      width: 8, height: 8, unit: 'percentunit', levels: level.conntrack,
      lines: [{ name: 'entries', color: 'blue' }],
      queries: [{ expr: `max(${recorded('instance:tcpstat_conntrack_entries:ratio', namespaces)})`, legend: 'entries' }],
    }))
    .withPanel(graph({
      title: 'Packets that neither TCP nor UDP saw',
      description: '**Connection tracking**: packets dropped, because the table was full or entries clashed. **Evicted**: entries removed to make room in a full table. **CPU backlog**: received packets dropped because net.core.netdev_max_backlog was reached (loopback, veth, RPS). **CPU budget used up**: packets left for later, a delay and not a loss.\n\nNo TCP counter shows these packets. Those of CPUs are host-wide: pods and containers included.',
      width: 8, height: 8, unit: perSecond,
      lines: [
        { name: 'connection tracking', color: 'red' }, { name: 'evicted', color: 'orange' },
        { name: 'CPU backlog', color: 'purple' }, { name: 'CPU budget used up', color: 'blue', area: true },
      ],
      queries: lines(
        counted('connection tracking', 'tcpstat_conntrack_drops_total', `reason="drop", ${namespaces}`),
        counted('evicted', 'tcpstat_conntrack_drops_total', `reason="early_drop", ${namespaces}`),
        counted('CPU backlog', 'tcpstat_softnet_dropped_total', own),
        counted('CPU budget used up', 'tcpstat_softnet_squeezed_total', own),
      ),
    }))
    .withPanel(graph({
      title: 'UDP datagrams dropped',
      description: 'IPv4 and IPv6. **Receive buffer full**: the application reads too slowly, or a burst was larger than SO_RCVBUF. The table below shows which one. **No memory**: net.ipv4.udp_mem, or the limit of a cgroup. **Not sent**: the send buffer was full, or a queueing discipline dropped them.\n\nUnless the application sends a datagram again, it is lost.',
      width: 8, height: 8, unit: perSecond,
      lines: [{ name: 'receive buffer full', color: 'red' }, { name: 'no memory', color: 'purple' }, { name: 'not sent', color: 'orange' }],
      queries: lines(udpErrors('rcvbuf', 'receive buffer full'), udpErrors('mem', 'no memory'), udpErrors('sndbuf', 'not sent')),
    }))
    .withPanel(grid({
      title: 'UDP receivers: the most drops first, then the fullest queue',
      description: 'Bound UDP sockets. Sockets that share an address and port are one row. **Dropped datagrams** in the time range. **Worst fill**: the longest receive queue, of its limit. Only the 32 of each host that dropped most and are fullest have a row. Read every 5 seconds.\n\nLimit and fill are blank if the exporter can only read procfs. Datagrams with a bad checksum, or that a socket filter refuses, count as dropped too.',
      width: 24, height: 5,
      sortBy: ['Dropped datagrams', 'Worst fill'],
      columns: [
        { title: 'Address', label: 'address', least: 92 },
        { title: 'Port', label: 'port', width: 65 },
        { title: 'Owner', label: 'unit', least: 92, wrap: true },
        { title: 'Dropped datagrams', expr: scoped(`sum by (${listener}) (${increase('tcpstat_udp_drops_total', namespaces)})`), decimals: 0, width: 180, levels: level.anyWarning },
        { title: 'Worst fill', expr: scoped(`max by (${listener}) (max_over_time((tcpstat_udp_queue_bytes{${namespaces}} / tcpstat_udp_queue_limit_bytes{${namespaces}})[$__range:]))`), unit: 'percentunit', decimals: 0, width: 135, levels: level.fill, bar: true },
        { title: 'Queue', expr: scoped(`max by (${listener}) (tcpstat_udp_queue_bytes{${namespaces}})`), unit: 'bytes', width: 100 },
        { title: 'Limit', expr: scoped(`max by (${listener}) (tcpstat_udp_queue_limit_bytes{${namespaces}})`), unit: 'bytes', width: 100 },
      ],
    }))
    .withPanel(grid({
      title: 'Unix sockets: the fullest accept queue first',
      description: 'AF_UNIX listeners, such as php-fpm, gunicorn and docker.sock. Listeners with the same path are one row. **Worst fill** in the time range: above 100 % the queue was full, and connect(2) failed for clients that do not block. The kernel does not count how many.\n\nAt most `--unix-listeners.max` paths of each host have a row. Owner is blank unless the exporter may look at other users\' processes.',
      width: 24, height: 6,
      sortBy: ['Worst fill', 'Peak'],
      columns: [
        { title: 'Path', label: 'path', least: 200 },
        { title: 'Owner', label: 'unit', least: 110 },
        { title: 'Worst fill', expr: `max by (netns, path, unit) (max_over_time(tcpstat_unix_listen_queue_fill_ratio_peak{${namespaces}}[$__range]))`, unit: 'percentunit', decimals: 0, width: 135, levels: level.fill, bar: true },
        { title: 'Peak', expr: `max by (netns, path, unit) (max_over_time(tcpstat_unix_listen_queue_peak{${namespaces}}[$__range]))`, decimals: 0, width: 90 },
        { title: 'Queue', expr: `max by (netns, path, unit) (tcpstat_unix_listen_queue_length{${namespaces}})`, decimals: 0, width: 90 },
        { title: 'Limit', expr: `max by (netns, path, unit) (tcpstat_unix_listen_queue_limit{${namespaces}})`, decimals: 0, width: 90 },
      ],
    })))

  .withRow(closedRow('Settings, and the exporter itself')
    .withPanel(grid({
      title: 'Kernel parameters',
      description: 'Current values in their own units; tcp_mem is in pages. #: 0, 1, 2 if a parameter has several values. **Changed**: how often a value changed in the time range.\n\nsomaxconn applies at listen(2): after a change the application has to listen again. tcp_max_syn_backlog has no effect with SYN cookies on. ip_local_reserved_ports shows how many ports it names.',
      width: 12, height: 12,
      noValue: 'Not known',
      sortBy: ['Parameter'],
      ascending: true,
      columns: [
        { title: 'Parameter', label: 'name', least: 240 },
        { title: '#', label: 'index', width: 50 },
        { title: 'Value', expr: `max by (netns, name, index) (tcpstat_sysctl{${namespaces}})`, unit: 'none', decimals: 0, width: 100 },
        { title: 'Changed', expr: `max by (netns, name, index) (changes(tcpstat_sysctl{${namespaces}}[$__range]))`, decimals: 0, width: 95, levels: { warn: 1, critical: Infinity } },
      ],
    }))
    .withPanel(grid({
      title: 'Sources',
      description: 'What the exporter reads, most errors first, then the slowest. If a source cannot be read, its metrics disappear and the others stay. **Errors**: failed reads in the time range, for any reason. **Slowest 1 %**: 99 % of the reads took less time.',
      width: 12, height: 12,
      noValue: 'Not known',
      sortBy: ['Errors', 'Slowest 1 %'],
      columns: [
        { title: 'Source', label: 'source' },
        { title: 'Method', label: 'method', least: 80 },
        { title: 'Read', expr: `max by (source, method) (tcpstat_source_info{${own}} * on (${byHost}, source) group_left () tcpstat_source_up{${own}})`, width: 60, mappings: [words({ 0: ['NO', 'red'], 1: ['yes', 'text'] })], levels: level.never },
        { title: 'Errors', expr: `sum by (source, method) (tcpstat_source_info{${own}} * on (${byHost}, source) group_left () sum by (${byHost}, source) (${increase('tcpstat_source_errors_total', own)}))`, decimals: 0, width: 70, levels: level.anyCritical },
        { title: 'Slowest 1 %', expr: `max by (source, method) (tcpstat_source_info{${own}} * on (${byHost}, source) group_left () histogram_quantile(0.99, sum by (${byHost}, source, le) (rate(tcpstat_sample_duration_seconds_bucket{${own}}[$__range]))))`, unit: 's', width: 110 },
      ],
    }))
    .withPanel(grid({
      title: 'Build',
      description: 'What runs on this host, and for how long (hours, minutes, seconds). **Descriptors**: its open file descriptors. **Listeners left out**: listeners beyond --listeners.max, which have no series. **Samples missed**: samples in the time range that did not run in time, because the host was too busy. **Last sweep**: how long ago the exporter last scanned all sockets. Figures of ports and of each listener\'s connections are that old.',
      width: 24, height: 4,
      noValue: 'Not known',
      sortBy: ['Version'],
      columns: [
        { title: 'Version', label: 'version', width: 100 },
        { title: 'Revision', label: 'revision', least: 120 },
        { title: 'Runtime', label: 'runtime', width: 100 },
        { title: 'Running (h:m:s)', expr: ofBuild(`time() - process_start_time_seconds{${host}}`), unit: duration, decimals: 0, width: 130 },
        { title: 'Descriptors', expr: ofBuild(`process_open_fds{${host}}`), decimals: 0, width: 120 },
        { title: 'Listeners left out', expr: ofBuild(`sum by (${byHost}) (tcpstat_listeners_not_exported{${own}})`), decimals: 0, width: 150, levels: level.anyWarning },
        { title: 'Samples missed', expr: ofBuild(increase('tcpstat_samples_missed_total', own)), decimals: 0, width: 130, levels: level.anyWarning },
        { title: 'Last sweep, ago', expr: ofBuild(`time() - min by (${byHost}) (tcpstat_last_sweep_timestamp_seconds{${own}})`), unit: 's', decimals: 0, width: 130, levels: { warn: 300, critical: 3600 } },
      ],
    }))
    .withPanel(graph({
      title: 'Cost',
      description: 'CPU time of the exporter, as a share of one core, scrapes included. 1 % is 10 ms per second.',
      width: 12, height: 7, unit: 'percentunit',
      lines: [{ name: 'processor', color: 'blue' }],
      queries: [{ expr: `sum(${rate('process_cpu_seconds_total', host)})`, legend: 'processor' }],
    }))
    .withPanel(graph({
      title: 'Memory of the exporter',
      description: 'Resident memory, and the managed heap in it. After the first minutes the heap stays constant: samples and scrapes allocate nothing. Steps follow the number of listeners and connections.',
      width: 12, height: 7, unit: 'bytes',
      lines: [{ name: 'resident', color: 'blue' }, { name: 'heap', color: 'purple' }],
      queries: [
        { expr: `max(process_resident_memory_bytes{${host}})`, legend: 'resident' },
        { expr: `max(dotnet_gc_heap_size_bytes{${host}})`, legend: 'heap' },
      ],
    })));
