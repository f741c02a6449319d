// The kinds of panel that the dashboards use, each with the looks that all of its kind share.
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { templating } from './parameters.js';
import type { Levels } from './thresholds.js';

export const datasource: common.DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** Rates of events. */
export const perSecond = 'suffix:/s';

/** Whole numbers in full: "3,304", not "3 K". */
export const count = 'locale';

/** Seconds as hours, minutes and seconds. */
export const duration = 'dthms';

/** What a panel says of itself. The description tells what it means and how it is misread. */
interface Panel {
  title: string;
  description: string;
  width: number;
  height: number;
}

interface Query {
  expr: string;
  legend?: string;
}

const refId = (index: number) => String.fromCharCode('A'.charCodeAt(0) + index);

const prometheusQuery = (query: Query, index: number) =>
  new prometheus.DataqueryBuilder()
    .refId(refId(index))
    .datasource(datasource)
    .editorMode(prometheus.QueryEditorMode.Code)
    .expr(query.expr)
    .legendFormat(query.legend ?? '');

const colour = (name: string) => ({ id: 'color', value: { mode: 'fixed', fixedColor: name } });

// dark enough for white figures on them, and easy on the eyes at night
const fine = 'dark-green';
const warning = 'semi-dark-orange';
const trouble = 'semi-dark-red';

/** Green below the first level; lines on a graph have nothing to colour there. */
function thresholds(levels: Levels, good = fine) {
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps([
    { value: null, color: good },
    ...(levels.warn < levels.critical && Number.isFinite(levels.warn) ? [{ value: levels.warn, color: warning }] : []),
    ...(Number.isFinite(levels.critical) ? [{ value: levels.critical, color: trouble }] : []),
  ]);
}

/** Values that stand for words. */
export const words = (byValue: Record<string, [words: string, color?: string]>): dashboard.ValueMap => ({
  type: dashboard.MappingType.ValueToText,
  options: Object.fromEntries(
    Object.entries(byValue).map(([value, [words, color]], index) => [value, { text: words, index, ...(color && { color }) }])),
});

/** No value is neither good nor bad: a bar without one has no colour. */
const unknown: dashboard.ValueMapping = {
  type: dashboard.MappingType.SpecialValue,
  options: { match: dashboard.SpecialValueMatch.NullAndNan, result: { text: '–', color: 'transparent', index: 0 } },
};

/** Zero is good news: say so. */
export const none = words({ 0: ['none'] });

/** The words of `severity` in queries.ts; 0 where there is nothing. */
export const severities = words({ 3: ['critical', trouble], 2: ['warning', warning], 1: ['info', 'blue'], 0: ['–', 'text'] });

export interface Line {
  /** Name of the series, or a pattern between slashes. */
  name: string;
  color?: string;
  /** A limit rather than a measurement: dashed, no fill, out of any stack. */
  limit?: boolean;
  /** A second view of another line: thin and without fill. */
  faint?: boolean;
  width?: number;
}

interface Graph extends Panel {
  queries: Query[];
  unit: string;
  /** Ticks of the axis keep to them as well: none for ratios, or their ticks are at 0 % and 100 %. */
  decimals?: number;
  /** Least time between two points: many series are read only as often as they tell something new. */
  interval?: string;
  /** Drawn as dashed lines, and kept in view. */
  levels?: Levels;
  stacked?: boolean;
  /** Small and large values in one graph, zero included. */
  wideScale?: boolean;
  legend?: 'right' | 'bottom';
  lines?: Line[];
  /** Shown where there is nothing to draw. */
  noValue?: string;
}

/** Values over time. */
export function graph(g: Graph) {
  const panel = new timeseries.PanelBuilder()
    .title(g.title)
    .description(g.description)
    .datasource(datasource)
    .span(g.width)
    .height(g.height)
    .unit(g.unit)
    .lineWidth(g.stacked ? 1 : 2)
    .fillOpacity(g.stacked ? 45 : g.wideScale ? 0 : 8)
    .gradientMode(common.GraphGradientMode.None)
    .lineInterpolation(common.LineInterpolation.Linear)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(false)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassic))
    .tooltip(new common.VizTooltipOptionsBuilder()
      .mode(common.TooltipDisplayMode.Multi)
      .sort(common.SortOrder.Descending)
      .hideZeros(true))
    .legend(legend(g.legend ?? 'bottom'))
    .targets(g.queries.map((query, index) => prometheusQuery(query, index).range()));

  // a quiet graph keeps a readable axis, and the levels stay in view
  const highest = Math.max(...Object.values(g.levels ?? {}).filter(Number.isFinite));
  panel.axisSoftMax(g.levels ? 1.2 * templating.plain(highest) : g.unit === 'percentunit' ? 0.01 : 1);
  if (g.interval !== undefined) {
    panel.interval(g.interval);
  }
  if (g.noValue !== undefined) {
    panel.noValue(g.noValue);
  }
  if (g.decimals !== undefined) {
    panel.decimals(g.decimals);
  }
  if (g.stacked) {
    panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
  }
  if (g.levels) {
    panel
      .thresholds(thresholds(g.levels, 'transparent'))
      .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed));
  }
  panel.min(0);
  if (g.wideScale) {
    panel.scaleDistribution(new common.ScaleDistributionConfigBuilder()
      .type(common.ScaleDistribution.Symlog).log(10).linearThreshold(1));
  }
  for (const line of g.lines ?? []) {
    const properties: dashboard.DynamicConfigValue[] = [];
    if (line.color) {
      properties.push(colour(line.color));
    }
    if (line.limit) {
      properties.push(
        { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
        { id: 'custom.fillOpacity', value: 0 },
        { id: 'custom.stacking', value: { mode: 'none', group: 'A' } });
    }
    if (line.faint) {
      properties.push({ id: 'custom.lineWidth', value: 1 }, { id: 'custom.fillOpacity', value: 0 });
    }
    if (line.width !== undefined) {
      properties.push({ id: 'custom.lineWidth', value: line.width });
    }
    if (line.name.startsWith('/')) {
      panel.overrideByRegexp(line.name, properties);
    } else {
      panel.overrideByName(line.name, properties);
    }
  }
  return panel;
}

function legend(placement: 'right' | 'bottom') {
  return new common.VizLegendOptionsBuilder()
    .showLegend(true)
    .calcs(['lastNotNull', 'max'])
    .displayMode(common.LegendDisplayMode.Table)
    .placement(placement === 'right' ? common.LegendPlacement.Right : common.LegendPlacement.Bottom)
    .sortBy('Max')
    .sortDesc(true);
}

interface Verdict extends Panel {
  queries: Query[];
  unit: string;
  decimals?: number;
  levels?: Levels;
  mappings?: dashboard.ValueMapping[];
  /** Shown where there is no series at all. */
  noValue?: string;
  /** Overrides by the name of a value. */
  values?: { name: string; unit?: string; levels?: Levels; decimals?: number; mappings?: dashboard.ValueMapping[] }[];
  /** Colour behind the value (a verdict), of the value, or none (a fact). */
  paint?: 'background' | 'value' | 'none';
}

/** One or two figures of now, on the colour of what they mean. They are instant: a host that is gone shows none. */
export function verdict(v: Verdict) {
  const panel = new stat.PanelBuilder()
    .title(v.title)
    .description(v.description)
    .datasource(datasource)
    .span(v.width)
    .height(v.height)
    .unit(v.unit)
    .noValue(v.noValue ?? 'no data')
    .colorMode({
      background: common.BigValueColorMode.BackgroundSolid,
      value: common.BigValueColorMode.Value,
      none: common.BigValueColorMode.None,
    }[v.paint ?? 'background'])
    .graphMode(common.BigValueGraphMode.None)
    .justifyMode(common.BigValueJustifyMode.Auto)
    .textMode(v.queries.length > 1 ? common.BigValueTextMode.ValueAndName : common.BigValueTextMode.Value)
    .orientation(common.VizOrientation.Horizontal)
    .wideLayout(true)
    .reduceOptions(new common.ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']).fields(''))
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds))
    .thresholds(v.levels ? thresholds(v.levels) : thresholds({ warn: Infinity, critical: Infinity }, 'blue'))
    .targets(v.queries.map((query, index) => prometheusQuery(query, index).instant()));
  if (v.queries.length > 1 && v.paint === undefined) {
    // as small as they fit by themselves, the names under which two figures stand cannot be read from afar
    panel.text(new common.VizTextDisplayOptionsBuilder().titleSize(14).valueSize(28));
  }
  if (v.decimals !== undefined) {
    panel.decimals(v.decimals);
  }
  if (v.mappings) {
    panel.mappings(v.mappings);
  }
  for (const value of v.values ?? []) {
    panel.overrideByName(value.name, [
      ...(value.unit ? [{ id: 'unit', value: value.unit }] : []),
      ...(value.decimals !== undefined ? [{ id: 'decimals', value: value.decimals }] : []),
      ...(value.mappings ? [{ id: 'mappings', value: value.mappings }] : []),
      ...(value.levels ? [{ id: 'thresholds', value: thresholds(value.levels).build() }] : []),
    ]);
  }
  return panel;
}

export interface Column {
  /** Title of the column. */
  title: string;
  /** The label that it shows, or else the expression. */
  label?: string;
  expr?: string;
  unit?: string;
  decimals?: number;
  width?: number;
  /** Without a width it takes what is left, but at least this; 150 if not given. */
  least?: number;
  /** Words for numbers: they stand as words do, not as figures. */
  left?: boolean;
  /** Colours by level: the text, or a bar up to the highest. */
  levels?: Levels;
  bar?: boolean;
  mappings?: dashboard.ValueMapping[];
  /** Address that the cell leads to, and what the link says. */
  link?: { title: string; url: string };
}

interface Table extends Panel {
  columns: Column[];
  /** Titles of columns, largest first. Grafana sorts by the first, and where that is equal by the next. */
  sortBy: string[];
  /** Smallest first instead. */
  ascending?: boolean;
  /** Shown instead of the table where it has no rows, and in cells without a value. */
  noValue?: string;
}

/** One row for each set of labels, each column the present value of an expression. */
export function grid(t: Table) {
  const values = t.columns.filter((column) => column.expr !== undefined);
  // Prometheus names the value's column after its query, but only if there are several
  const field = (column: Column) =>
    column.label ?? (values.length > 1 ? `Value #${refId(values.indexOf(column))}` : 'Value');
  const panel = new table.PanelBuilder()
    .title(t.title)
    .description(t.description)
    .datasource(datasource)
    .span(t.width)
    .height(t.height)
    .noValue(t.noValue ?? '–')
    .showHeader(true)
    .cellHeight(common.TableCellHeight.Sm)
    .align(common.FieldTextAlignment.Auto)
    .sortBy(t.sortBy.map((title) => new common.TableSortByFieldStateBuilder().displayName(title).desc(!t.ascending)))
    .targets(values.map((column, index) =>
      prometheusQuery({ expr: column.expr! }, index).instant().format(prometheus.PromQueryFormat.Table)))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        // the device stands in the address
        excludeByName: { Time: true, device: true },
        includeByName: {},
        indexByName: Object.fromEntries(t.columns.map((column, index) => [field(column), index])),
        renameByName: Object.fromEntries(t.columns.map((column) => [field(column), column.title])),
      },
    });
  if (t.columns.some((column) => column.link?.url.includes('.in_cluster}'))) {
    // for the link alone. Grafana takes the one or the other, by its version
    panel.overrideByName('in_cluster', [
      { id: 'custom.hidden', value: true },
      { id: 'custom.hideFrom', value: { viz: true, legend: false, tooltip: false } },
    ]);
  }
  for (const column of t.columns) {
    const properties: dashboard.DynamicConfigValue[] = [];
    if (column.expr !== undefined) {
      properties.push({ id: 'custom.align', value: column.left ? 'left' : 'right' }, { id: 'unit', value: column.unit ?? count });
    }
    if (column.decimals !== undefined) {
      properties.push({ id: 'decimals', value: column.decimals });
    }
    if (column.width !== undefined) {
      properties.push({ id: 'custom.width', value: column.width });
    }
    if (column.least !== undefined) {
      properties.push({ id: 'custom.minWidth', value: column.least });
    }
    if (column.mappings) {
      properties.push({ id: 'mappings', value: column.mappings });
    }
    if (column.levels) {
      properties.push(
        { id: 'color', value: { mode: 'thresholds' } },
        { id: 'thresholds', value: thresholds(column.levels, column.bar ? fine : 'text').build() },
        { id: 'custom.cellOptions', value: column.bar ? { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' } : { type: 'color-text' } });
      if (column.bar) {
        properties.push({ id: 'min', value: 0 }, { id: 'max', value: column.levels.critical }, { id: 'mappings', value: [unknown] });
      }
    }
    if (column.link) {
      properties.push({ id: 'links', value: [{ ...column.link, targetBlank: false }] });
    }
    if (properties.length > 0) {
      panel.overrideByName(column.title, properties);
    }
  }
  return panel;
}

interface Fill extends Panel {
  /** Increase of the cumulative buckets, by `le`. */
  expr: string;
}

/** A classic histogram over time. */
export function fillHeatmap(f: Fill) {
  return new heatmap.PanelBuilder()
    .title(f.title)
    .description(f.description)
    .datasource(datasource)
    .span(f.width)
    .height(f.height)
    .calculate(false)
    .color(new heatmap.HeatmapColorOptionsBuilder()
      .mode(heatmap.HeatmapColorMode.Scheme)
      .scheme('Oranges')
      .scale(heatmap.HeatmapColorScale.Exponential)
      .exponent(0.3)
      .steps(64)
      .fill('dark-orange')
      .reverse(false))
    .filterValues(new heatmap.FilterValueRangeBuilder().le(1e-9))
    .rowsFrame(new heatmap.RowsHeatmapOptionsBuilder().layout(common.HeatmapCellLayout.Le))
    .yAxis(new heatmap.YAxisConfigBuilder().unit('percentunit').decimals(0).axisPlacement(common.AxisPlacement.Left))
    .cellGap(1)
    .cellValues(new heatmap.CellValuesBuilder().unit(count).decimals(0))
    .tooltip(new heatmap.HeatmapTooltipBuilder().mode(common.TooltipDisplayMode.Single).yHistogram(true).showColorScale(true))
    .showLegend()
    .targets([prometheusQuery({ expr: f.expr, legend: '{{le}}' }, 0).range().format(prometheus.PromQueryFormat.Heatmap)]);
}
