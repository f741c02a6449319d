// Writes the dashboards. With --check, only lists those that differ from these sources. With --template, handles the
// templates for the Helm chart and the mixin, which have a token for each parameter.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fleetDashboard } from './fleet.js';
import { hostDashboard } from './host.js';
import { templating } from './parameters.js';

const input = 'DS_PROMETHEUS';

/** Panels, rows, and the panels in collapsed rows, in reading order. */
const everyPanel = (board: Dashboard) =>
  (board.panels ?? []).flatMap((panel) => ('panels' in panel ? [panel, ...panel.panels] : [panel]));

/** Panels are numbered in reading order. */
function numbered(board: Dashboard): Dashboard {
  everyPanel(board).forEach((panel, index) => {
    panel.id = index + 1;
  });
  return board;
}

/** The format in which Grafana's import page asks for a data source. Provisioning does not support it. */
function importable(board: Dashboard) {
  const panels = [...new Set(everyPanel(board).map((panel) => panel.type))].filter((type) => type !== 'row').sort();
  const chosen = { text: `\${${input}}`, value: `\${${input}}`, selected: true };
  return {
    __inputs: [{
      name: input, label: 'Prometheus', description: 'The Prometheus that scrapes the exporters.',
      type: 'datasource', pluginId: 'prometheus', pluginName: 'Prometheus',
    }],
    __elements: {},
    __requires: [
      { type: 'grafana', id: 'grafana', name: 'Grafana', version: '12.0.0' },
      { type: 'datasource', id: 'prometheus', name: 'Prometheus', version: '1.0.0' },
      ...panels.map((id) => ({ type: 'panel', id, name: id, version: '' })),
    ],
    ...board,
    templating: {
      list: board.templating.list?.map((variable) =>
        (variable.name === 'datasource' ? { ...variable, current: chosen } : variable)),
    },
  };
}

const check = process.argv.includes('--check');
const boards = [numbered(fleetDashboard().build()), numbered(hostDashboard().build())];
const files = templating.isOn ? boards.map((board) => (
  { path: `../../deploy/helm/tcpstat-exporter/files/${board.uid}.json`, content: board }
)) : boards.flatMap((board) => [
  { path: `../provisioning/dashboards/json/${board.uid}.json`, content: board },
  { path: `../import/${board.uid}.json`, content: importable(board) },
]);
for (const { path, content } of files) {
  const file = new URL(path, import.meta.url);
  const text = templating.tokens(`${JSON.stringify(content, null, 2)}\n`);
  if (!check) {
    writeFileSync(file, text);
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    console.error(`${path.slice(3)} is stale: npm run build`);
    process.exitCode = 1;
  }
}
