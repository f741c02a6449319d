// Shared by both dashboards: names, variables, annotations, links.
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import { datasource } from './panels.js';
import { clusterLabel, runbooks, templating } from './parameters.js';
import { firing, scoped, withCluster } from './queries.js';

// used in bookmarks and links of others, so they never change
export const fleetUid = 'tcpstat-fleet';
export const hostUid = 'tcpstat-host';

const tag = 'tcpstat';

/** Links a table row to the host dashboard, with the same time range. */
export const hostLink = (more = '') =>
  `/d/${hostUid}?\${__url_time_range}&var-datasource=\${datasource}` +
  `&var-cluster=\${__data.fields.in_cluster}&var-job=\${__data.fields.job}&var-instance=\${__data.fields.instance}${more}`;

/** The same, with the row's network namespace selected. */
export const netnsLink = hostLink('&var-netns=${__data.fields.in_netns}');

/** Links a row of the host dashboard to the same page for the row's network namespace. */
export const netnsHere =
  `/d/${hostUid}?\${__url_time_range}&var-datasource=\${datasource}&var-cluster=\${cluster}&var-job=\${job}&var-instance=\${instance}&var-netns=\${__data.fields.netns}`;

/** The same, with the row's listener selected. */
export const listenerLink = hostLink('&var-netns=${__data.fields.in_netns}&var-listener=${__data.fields.port}');

/** The runbook of the row's alert, at the address in its rule. */
export const runbookLink = {
  title: 'Runbook',
  url: `${runbooks}/\${__data.fields.alertname}.md`,
};

export function start(uid: string, title: string, description: string) {
  return new dashboard.DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([tag])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .editable();
}

/** Links to the other dashboard, with the same time range and data source. */
export const otherDashboard = (title: string, uid: string) =>
  new dashboard.DashboardLinkBuilder(title)
    .type(dashboard.DashboardLinkType.Link)
    .icon('dashboard')
    .url(`/d/${uid}?var-datasource=\${datasource}`)
    .keepTime(true)
    .includeVars(false);

export const datasourceVariable = () =>
  new dashboard.DatasourceVariableBuilder('datasource')
    .label('Data source')
    .description('The Prometheus that scrapes the exporters.')
    .type('prometheus')
    .current({ text: 'default', value: 'default', selected: true });

/** Values of a label. */
export const labelVariable = (name: string, title: string, description: string, metric: string, label: string) =>
  variable(name, title, description, 1, `label_values(${metric}, ${label})`).sort(dashboard.VariableSort.AlphabeticalAsc);

/** Values from the labels of a query's result: the pattern's groups "text" (shown) and "value". */
export const resultVariable = (name: string, title: string, description: string, expr: string, pattern: string) =>
  variable(name, title, description, 3, `query_result(${expr})`).regex(pattern).sort(dashboard.VariableSort.NumericalAsc);

/** Clusters, from the targets' cluster label. "none" selects targets without one. */
export const clusterVariable = (description: string) =>
  resultVariable(
    'cluster', 'Cluster', description,
    // two names of our own: Prometheus sorts labels by name, and the pattern expects that order
    `label_join(label_replace(${withCluster(`group by (${clusterLabel}) (last_over_time(tcpstat_build_info${templating.braces}[$__range]))`)}, "${clusterLabel}", "none", "${clusterLabel}", ""), "in_cluster_name", "", "${clusterLabel}")`,
    '/in_cluster="(?<value>[^"]*)",in_cluster_name="(?<text>[^"]*)"/');

export const all = { text: 'All', value: '$__all', selected: true };

// qryType is the kind of query in Grafana's editor: 1 label values, 3 query result
const variable = (name: string, title: string, description: string, qryType: number, query: string) =>
  new dashboard.QueryVariableBuilder(name)
    .label(title)
    .description(description)
    .datasource(datasource)
    .definition(query)
    .query({ qryType, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' })
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged);

/**
 * Marks when an alert of a severity began to fire. Marking its whole duration would colour every graph for hours, and
 * informational alerts would hide the others.
 */
export function alertAnnotation(severity: 'critical' | 'warning', selector: string, enable = true) {
  const alerts = firing(`severity="${severity}", ${selector}`);
  return new dashboard.AnnotationQueryBuilder()
    .name({ critical: 'Critical alerts', warning: 'Warnings' }[severity])
    .datasource(datasource)
    .enable(enable)
    .iconColor({ critical: 'red', warning: 'orange' }[severity])
    .titleFormat('{{alertname}}')
    .textFormat('{{instance}} {{netns}} {{address}} {{port}} {{unit}} {{destination}}')
    .tagKeys('severity')
    .target(new prometheus.DataqueryBuilder().refId('Anno').expr(scoped(`(${alerts} unless ${alerts} offset $__interval)`)).range());
}
