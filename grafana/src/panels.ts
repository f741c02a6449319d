// The kinds of panels in the dashboards, with the common look of each kind.
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { templating } from './parameters.js';
import { atZero, judged, judgements } from './queries.js';
import { never, type Levels } from './thresholds.js';

export const datasource: common.DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** Rates of events. */
export const perSecond = 'suffix:/s';

/** Whole numbers in full: "3,304", not "3 K". */
export const count = 'locale';

/** Seconds as hours, minutes and seconds. */
export const duration = 'dthms';

/** Title and description of a panel. The description says what it means and how it is misread. */
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

// dark enough for white numbers, and easy on the eyes at night
const fine = 'dark-green';
const warning = 'semi-dark-orange';
const trouble = 'semi-dark-red';
const quiet = '#525c69';

/** Pixels of the axis of values, with room for "1,234 /s". */
const axisWidth = 64;

/** Below the first level the colour that is given. */
function thresholds(levels: Levels, good: string) {
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps([
    { value: null, color: good },
    ...(levels.warn < levels.critical && Number.isFinite(levels.warn) ? [{ value: levels.warn, color: warning }] : []),
    ...(Number.isFinite(levels.critical) ? [{ value: levels.critical, color: trouble }] : []),
  ]);
}

/** Words for values. */
export const words = (byValue: Record<string, [words: string, color?: string]>): dashboard.ValueMap => ({
  type: dashboard.MappingType.ValueToText,
  options: Object.fromEntries(
    Object.entries(byValue).map(([value, [words, color]], index) => [value, { text: words, index, ...(color && { color }) }])),
});

/** A missing value is neither good nor bad, so its bar has no colour. */
const unknown: dashboard.ValueMapping = {
  type: dashboard.MappingType.SpecialValue,
  options: { match: dashboard.SpecialValueMatch.NullAndNan, result: { text: '–', color: 'transparent', index: 0 } },
};

/** No age can be below zero: the query says by it that there is none. */
export const down = words({ '-1': ['DOWN', trouble] });

/** Zero is good news: say so. */
export const none = words({ 0: ['none'] });

/** The words for `severity` in queries.ts. 0 if there is none. */
export const severities = words({ 3: ['critical', trouble], 2: ['warning', warning], 1: ['info', 'blue'], 0: ['–', 'text'] });

export interface Line {
  /** Name of the series, or a pattern between slashes. */
  name: string;
  color?: string;
  /** A limit rather than a measurement: dashed, no fill, out of any stack. */
  limit?: boolean;
  /** All that is not drawn by itself: no fill, out of any stack. */
  rest?: boolean;
  /** A second view of another line: an area without a line, which never hides the other. */
  area?: boolean;
  width?: number;
}

interface Graph extends Panel {
  queries: Query[];
  unit: string;
  /** Axis ticks use this many decimals too. Not set for ratios, otherwise they only have ticks at 0 % and 100 %. */
  decimals?: number;
  /** Minimum time between two points: many series are read only as often as they change. */
  interval?: string;
  /** Drawn as dashed lines, and kept in view. */
  levels?: Levels;
  stacked?: boolean;
  /** Small and large values in one graph: logarithmic from 1, and zero is below the axis. */
  wideScale?: boolean;
  lines?: Line[];
  /** Shown if there is nothing to draw. */
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
    .fillOpacity(g.stacked ? 45 : hasOneLine(g) ? 12 : 0)
    .gradientMode(common.GraphGradientMode.None)
    .lineInterpolation(common.LineInterpolation.Linear)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(false)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassic))
    .tooltip(new common.VizTooltipOptionsBuilder()
      .mode(common.TooltipDisplayMode.Multi)
      .sort(common.SortOrder.Descending)
      .hideZeros(true))
    .legend(legend(g))
    // plots above one another begin at the same place, so that their times stand above one another too
    .axisWidth(axisWidth)
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
  if (g.wideScale) {
    // Grafana's axis of a scale that goes on through zero ends below it
    panel.scaleDistribution(new common.ScaleDistributionConfigBuilder().type(common.ScaleDistribution.Log).log(10));
  } else {
    panel.min(0);
  }
  for (const line of [...g.lines ?? [], rest]) {
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
    if (line.rest) {
      properties.push(
        { id: 'custom.fillOpacity', value: 0 },
        { id: 'custom.stacking', value: { mode: 'none', group: 'A' } });
    }
    if (line.area) {
      properties.push({ id: 'custom.lineWidth', value: 0 }, { id: 'custom.fillOpacity', value: 25 });
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

/** Names of lines that stand for others. */
export const allOthers = { max: 'all others, at most', sum: 'all others together' };

const rest: Line = { name: `/^(${[...Object.values(allOthers), atZero].join('|')})$/`, color: '#8a919c', rest: true, width: 1 };

/** The title names it. */
const hasOneLine = (g: Graph) => g.queries.length === 1 && !g.queries[0]!.legend?.includes('{{');

/** Names in a line below the plot, which keeps its width; none for a single line. The tooltip and the tables have the values. */
const legend = (g: Graph) => new common.VizLegendOptionsBuilder()
  .showLegend(!hasOneLine(g))
  .calcs([])
  .displayMode(common.LegendDisplayMode.List)
  .placement(common.LegendPlacement.Bottom);

/** A figure of a tile. */
interface Figure extends Query {
  legend: string;
  unit?: string;
  decimals?: number;
  levels?: Levels;
  mappings?: dashboard.ValueMapping[];
}

interface Tile extends Panel {
  queries: Figure[];
  unit: string;
  decimals?: number;
  levels?: Levels;
  mappings?: dashboard.ValueMapping[];
}

interface Verdict extends Tile {
  /**
   * Alerts about the first figure, the selector of their series, and that of all alerts on the page. Without them the figure
   * counts alerts itself.
   */
  alerts?: { names: string[]; selector: string; everything: string };
  /** None of the figures is ever green: they tell what was, or what is not sure. */
  neverGreen?: boolean;
}

/**
 * One or two figures on the colour of what they mean. The first tells now: green if it is well and no critical alert fires.
 * The second is never green. They are instant: a host that is gone shows none, and that has no colour of good or bad.
 */
export function verdict(v: Verdict) {
  const [first, ...more] = v.queries as [Figure, ...Figure[]];
  const panel = tile({
    ...v,
    description: v.alerts
      ? `${v.description}\n\nNever green while a critical alert fires. Red or orange while one of these does: ${v.alerts.names.join(', ')}.`
      : v.description,
    queries: v.alerts ? [{ ...first, legend: `${first.legend}{{alert}}`, expr: judged(first.expr, v.alerts.names, v.alerts.selector, v.alerts.everything) }, ...more] : v.queries,
  })
    .colorMode(common.BigValueColorMode.BackgroundSolid)
    .thresholds(thresholds(v.levels ?? never, quiet));
  if (v.queries.length > 1) {
    panel.text(readable());
  }
  const levels = first.levels ?? v.levels ?? never;
  const paint = (figure: Figure, suffix: string, colours: dashboard.ThresholdsConfigBuilder) =>
    panel.overrideByName(figure.legend + suffix, [...options(figure), { id: 'thresholds', value: colours.build() }]);
  paint(first, '', thresholds(levels, v.neverGreen ? quiet : fine));
  if (v.alerts) {
    paint(first, judgements.elsewhere, thresholds(levels, quiet));
    paint(first, judgements.warning, thresholds({ warn: Infinity, critical: levels.critical }, warning));
    paint(first, judgements.critical, thresholds(never, trouble));
  }
  for (const figure of more) {
    paint(figure, '', thresholds(figure.levels ?? v.levels ?? never, quiet));
  }
  return panel;
}

/** A fact: figures without a colour of their own. */
export const fact = (t: Tile) => tile(t).colorMode(common.BigValueColorMode.Value).thresholds(thresholds(never, 'text')).text(readable());

/** As small as they fit by themselves, the names under which two figures stand cannot be read from afar. */
const readable = () => new common.VizTextDisplayOptionsBuilder().titleSize(14).valueSize(28);

function tile(t: Tile) {
  const panel = new stat.PanelBuilder()
    .title(t.title)
    .description(t.description)
    .datasource(datasource)
    .span(t.width)
    .height(t.height)
    .unit(t.unit)
    .noValue('no data')
    .graphMode(common.BigValueGraphMode.None)
    .justifyMode(common.BigValueJustifyMode.Auto)
    .textMode(t.queries.length > 1 ? common.BigValueTextMode.ValueAndName : common.BigValueTextMode.Value)
    .orientation(common.VizOrientation.Horizontal)
    .wideLayout(true)
    .reduceOptions(new common.ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']).fields(''))
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds))
    .targets(t.queries.map((query, index) => prometheusQuery(query, index).instant()));
  if (t.decimals !== undefined) {
    panel.decimals(t.decimals);
  }
  if (t.mappings) {
    panel.mappings(t.mappings);
  }
  return panel;
}

const options = (figure: Figure): dashboard.DynamicConfigValue[] => [
  ...(figure.unit ? [{ id: 'unit', value: figure.unit }] : []),
  ...(figure.decimals !== undefined ? [{ id: 'decimals', value: figure.decimals }] : []),
  ...(figure.mappings ? [{ id: 'mappings', value: figure.mappings }] : []),
];

export interface Column {
  /** Title of the column. */
  title: string;
  /** The label that it shows. Otherwise the expression. */
  label?: string;
  expr?: string;
  unit?: string;
  decimals?: number;
  width?: number;
  /** Without a width it has its share of what is left, but at least this; 150 if not given. */
  least?: number;
  /** A long text goes on in a second line, where it has a space or a hyphen. Others show the whole text under the pointer. */
  wrap?: boolean;
  /** Words for numbers. They are aligned like words. */
  left?: boolean;
  /** Colours by level: the text, or a bar up to the highest. */
  levels?: Levels;
  bar?: boolean;
  mappings?: dashboard.ValueMapping[];
  /** Target and text of the cell's link. */
  link?: { title: string; url: string };
}

interface Table extends Panel {
  columns: Column[];
  /** Columns to sort by, in descending order. Grafana sorts by the first one, then by the next if that is equal. */
  sortBy: string[];
  /** Sort in ascending order instead. */
  ascending?: boolean;
  /** Shown instead of the table where it has no rows. */
  noValue?: string;
  /** Rows have room for two lines. Others are as high as their text, but Grafana does not see how long a mapped text is. */
  twoLines?: boolean;
}

const rowHeights = [
  [common.TableCellHeight.Sm, 36],
  [common.TableCellHeight.Md, 42],
  [common.TableCellHeight.Lg, 48],
] as const;

/** Rows as high as fits best: the last one in sight is not cut. A panel has 38 pixels a unit, less its titles and margins. */
function cellHeight({ height, twoLines }: Table) {
  const left = ([, row]: (typeof rowHeights)[number]) => (38 * height - 92) % row;
  return rowHeights.filter(([, row]) => !twoLines || row > 44).reduce((best, next) => (left(next) < left(best) ? next : best))[0];
}

/** One row per set of labels. Each column is the current value of an expression. */
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
    .noValue(t.noValue ?? 'None, or not known')
    .showHeader(true)
    .cellHeight(cellHeight(t))
    .align(common.FieldTextAlignment.Auto)
    .sortBy(t.sortBy.map((title) => new common.TableSortByFieldStateBuilder().displayName(title).desc(!t.ascending)))
    .targets(values.map((column, index) =>
      prometheusQuery({ expr: column.expr! }, index).instant().format(prometheus.PromQueryFormat.Table)))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        // the address contains the device; where the network namespace is no column, it is the selected one
        excludeByName: { Time: true, device: true, ...(t.columns.every((column) => column.label !== 'netns') && { netns: true }) },
        includeByName: {},
        indexByName: Object.fromEntries(t.columns.map((column, index) => [field(column), index])),
        renameByName: Object.fromEntries(t.columns.map((column) => [field(column), column.title])),
      },
    });
  for (const label of ['in_cluster', 'in_netns']) {
    if (t.columns.some((column) => column.link?.url.includes(`.${label}}`))) {
      // only for the link; which one Grafana uses depends on its version
      panel.overrideByName(label, [
        { id: 'custom.hidden', value: true },
        { id: 'custom.hideFrom', value: { viz: true, legend: false, tooltip: false } },
      ]);
    }
  }
  for (const column of t.columns) {
    // or the cells would have the words for no rows
    const properties: dashboard.DynamicConfigValue[] = [{ id: 'noValue', value: '–' }];
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
    if (column.wrap) {
      // Grafana takes the one or the other, by its version
      properties.push({ id: 'custom.wrapText', value: true }, { id: 'custom.cellOptions', value: { type: 'auto', wrapText: true } });
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
    panel.overrideByName(column.title, properties);
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
    .yAxis(new heatmap.YAxisConfigBuilder().unit('percentunit').decimals(0).axisPlacement(common.AxisPlacement.Left).axisWidth(axisWidth))
    .cellGap(1)
    .cellValues(new heatmap.CellValuesBuilder().unit(count).decimals(0))
    .tooltip(new heatmap.HeatmapTooltipBuilder().mode(common.TooltipDisplayMode.Single).yHistogram(true).showColorScale(true))
    .showLegend()
    .targets([prometheusQuery({ expr: f.expr, legend: '{{le}}' }, 0).range().format(prometheus.PromQueryFormat.Heatmap)]);
}
