// Time range, variables and queries: what Grafana's templating and Prometheus data source do, as far as it is needed
// here.
import { createDataFrame, dateTime, FieldType } from '@grafana/data';

const scrapeInterval = 1;

export class Scope {
  values = {};
  labels = {};
  chosen = {};

  constructor(from, to, netns) {
    this.netns = netns;
    this.from = from / 1000;
    this.to = to / 1000;
    this.timeRange = { from: dateTime(from), to: dateTime(to), raw: { from: dateTime(from), to: dateTime(to) } };
    // about one point for every two pixels of a wide panel, as Grafana chooses steps
    this.step = Math.max(scrapeInterval, Math.ceil((this.to - this.from) / 400));
  }

  /** Gives each variable its value: from the address, or "All", or its default, or the first result of its query. */
  async resolve(variables, address) {
    for (const variable of variables) {
      const options = variable.type === 'query' ? await this.options(variable) : [{ text: 'Prometheus', value: 'prometheus' }];
      if (options.length === 0 && !variable.allValue && !variable.multi) {
        throw new Error(`variable ${variable.name}: no values`);
      }
      const given = address.get(`var-${variable.name}`);
      const chosen = given && options.find(({ text }) => text === given);
      if (given && !chosen) {
        throw new Error(`variable ${variable.name}: ${given} is not among ${options.map(({ text }) => text)}`);
      }
      if (chosen || !variable.includeAll) {
        const one = chosen ?? options.find(({ text }) => text === variable.current?.text) ?? options[0];
        this.values[variable.name] = one.value;
        this.labels[variable.name] = one.text;
        this.chosen[variable.name] = [one];
      } else {
        // without any value, Grafana repeats for an empty one
        this.chosen[variable.name] = options.length > 0 ? options : [{ text: 'All', value: '' }];
        this.values[variable.name] = variable.allValue ?? `(${options.map(({ value }) => value).join('|')})`;
        this.labels[variable.name] = 'All';
      }
    }
  }

  /** The same for one of the values of a variable. */
  of(name, { text, value }) {
    const one = new Scope(1000 * this.from, 1000 * this.to, this.netns);
    one.values = { ...this.values, [name]: value };
    one.labels = { ...this.labels, [name]: text };
    one.chosen = this.chosen;
    return one;
  }

  async options({ query: { query }, regex }) {
    const values = /^label_values\((.*), *(\w+)\)$/.exec(query);
    if (values) {
      const match = encodeURIComponent(this.replace(values[1]));
      return (await api(`label/${values[2]}/values?match[]=${match}&start=${this.from}&end=${this.to}`)).map((value) => ({ text: value, value }));
    }
    const { result } = await this.instant(/^query_result\((.*)\)$/.exec(query)[1]);
    const pattern = new RegExp(regex.slice(1, -1));
    const found = result
      .map(({ metric, value }) => `{${Object.entries(metric).map(([k, v]) => `${k}="${v}"`).join(',')}} ${value[1]} ${value[0] * 1000}`)
      .map((text) => pattern.exec(text)?.groups)
      .filter(Boolean);
    return [...new Map(found.map((groups) => [groups.value, { ...groups }])).values()];
  }

  replace = (text) => text
    .replaceAll('$__rate_interval', `${Math.max(this.step + scrapeInterval, 4 * scrapeInterval)}s`)
    .replaceAll('$__interval', `${this.step}s`)
    .replaceAll('$__range', `${Math.round(this.to - this.from)}s`)
    .replace(/\$\{(\w+)(:\w+)?\}|\$(\w+)/g, (all, braced, format, plain) => this.values[braced ?? plain] ?? all);

  instant = (expr) => api(`query?query=${encodeURIComponent(this.replace(expr))}&time=${this.to}`);

  range = (expr, step = this.step) =>
    api(`query_range?query=${encodeURIComponent(this.replace(expr))}&start=${this.from}&end=${this.to}&step=${step}`);

  /** Creates data frames like Grafana's Prometheus data source. */
  async frames(targets) {
    const answers = await Promise.all(targets.map(async (target) =>
      ({ target, result: (await (target.instant ? this.instant(target.expr) : this.range(target.expr))).result })));
    const tables = answers.filter(({ target, result }) => target.format === 'table' && result.length > 0);
    return answers.flatMap(({ target, result }) => {
      if (target.format === 'table') {
        if (this.netns) {
          result.filter(({ metric }) => 'port' in metric).forEach(({ metric }) => { metric.netns ??= this.netns; });
        }
        return result.length > 0 ? [table(target, result, tables.length)] : [];
      }
      return result.map((series) => createDataFrame({
        refId: target.refId,
        fields: [
          { name: 'Time', type: FieldType.time, config: { interval: this.step * 1000 }, values: points(series).map(([time]) => time * 1000) },
          {
            name: 'Value', type: FieldType.number, labels: series.metric, values: points(series).map(([, value]) => number(value)),
            config: { displayNameFromDS: legend(target.legendFormat, series.metric) },
          },
        ],
      }));
    });
  }

  async annotations(list) {
    const events = [];
    for (const { target, titleFormat, iconColor } of list.filter(({ enable }) => enable)) {
      for (const { metric, values } of (await this.range(target.expr)).result) {
        events.push(...values.map(([time]) => ({ title: legend(titleFormat, metric), time: time * 1000, color: iconColor })));
      }
    }
    return events;
  }
}

async function api(path) {
  const answer = await (await fetch(`/api/v1/${path}`)).json();
  if (answer.status !== 'success') {
    throw new Error(`${decodeURIComponent(path)}: ${answer.error}`);
  }
  return answer.data;
}

const points = ({ values, value }) => values ?? [value];
const number = (value) => (value === 'NaN' ? null : value === '+Inf' ? Infinity : value === '-Inf' ? -Infinity : Number(value));
const legend = (format, metric) =>
  (format ? format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => metric[label] ?? '').trim() : JSON.stringify(metric));

function table({ refId }, result, tables) {
  const labels = [...new Set(result.flatMap(({ metric }) => Object.keys(metric)))].sort();
  return createDataFrame({
    refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: result.map(({ value }) => value[0] * 1000) },
      ...labels.map((label) => ({ name: label, type: FieldType.string, values: result.map(({ metric }) => metric[label] ?? '') })),
      { name: tables > 1 ? `Value #${refId}` : 'Value', type: FieldType.number, values: result.map(({ value }) => number(value[1])) },
    ],
  });
}
