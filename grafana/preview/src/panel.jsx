// One panel: its queries, transformations and field options through Grafana's code, drawn by Grafana's components.
import {
  applyFieldOverrides, cacheFieldDisplayNames, FieldType, getFieldDisplayValues, standardTransformersRegistry, transformDataFrame,
} from '@grafana/data';
import { BigValue, TimeSeries, VizRepeater } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useEffect, useLayoutEffect, useState } from 'react';
import { firstValueFrom } from 'rxjs';
import { Heatmap } from './heatmap.jsx';
import { fieldOptions, unknownOptions } from './registries.js';

// what Grafana's time series panel sets if a dashboard does not
const graphDefaults = {
  axisPlacement: 'auto', axisColorMode: 'text', hideFrom: { legend: false, tooltip: false, viz: false }, pointSize: 5, barAlignment: 0,
};

async function prepare(panel, scope, theme) {
  const unknown = unknownOptions(panel.fieldConfig);
  if (unknown.length > 0) {
    throw new Error(`unknown field options: ${unknown}`);
  }
  const strange = (panel.transformations ?? []).filter(({ id }) => !standardTransformersRegistry.getIfExists(id));
  if (strange.length > 0) {
    throw new Error(`unknown transformations: ${strange.map(({ id }) => id)}`);
  }
  const fieldConfig = structuredClone(panel.fieldConfig);
  fieldConfig.defaults.thresholds ??= { mode: 'absolute', steps: [{ value: null, color: 'green' }] };
  for (const thresholds of [fieldConfig.defaults.thresholds, ...fieldConfig.overrides.flatMap(({ properties }) => properties.filter(({ id }) => id === 'thresholds').map(({ value }) => value))]) {
    thresholds.steps[0].value = -Infinity; // null in JSON
  }
  if (panel.type === 'timeseries') {
    fieldConfig.defaults.custom = { ...graphDefaults, ...fieldConfig.defaults.custom };
  }
  const raw = await scope.frames(panel.targets);
  const data = await firstValueFrom(transformDataFrame(panel.transformations ?? [], raw));
  const frames = applyFieldOverrides({ data, fieldConfig, fieldConfigRegistry: fieldOptions, replaceVariables: scope.replace, theme, timeZone: 'utc' });
  cacheFieldDisplayNames(frames);
  return { raw, fieldConfig, frames };
}

export function Panel({ panel, scope, events, theme, width, height }) {
  const [state, setState] = useState({});
  useEffect(() => {
    prepare(panel, scope, theme).then(setState, (error) => setState({ error }));
  }, []);
  if (state.error) {
    return <div data-panel-error={panel.title}>{String(state.error)}</div>;
  }
  if (!state.frames) {
    return <div data-panel-waiting={panel.title} />;
  }
  const { frames, fieldConfig, raw } = state;
  const hasValues = frames.some((frame) => frame.fields.some((field) => field.type === FieldType.number && field.values.some((value) => value !== null)));
  const size = { width, height };
  if (panel.type === 'stat') {
    // Grafana draws it without data as well
    return (
      <div {...(!hasValues && { 'data-panel-nodata': panel.title })}>
        <Stat panel={panel} frames={frames} fieldConfig={fieldConfig} scope={scope} theme={theme} {...size} />
      </div>
    );
  }
  if (!hasValues) {
    return (
      <div data-panel-nodata={panel.title} style={{ display: 'grid', placeItems: 'center', height, color: theme.colors.text.secondary }}>
        {panel.fieldConfig.defaults.noValue ?? 'No data'}
      </div>
    );
  }
  switch (panel.type) {
    case 'timeseries':
      return (
        <div data-panel-graph={panel.title} data-legend={panel.options.legend.showLegend}>
          <Graph panel={panel} frames={frames} scope={scope} events={events} theme={theme} {...size} />
        </div>
      );
    case 'table':
      return (
        <div data-panel-table={panel.title} style={{ height, overflow: 'hidden' }}>
          <TableNG
            data={frames[0]} {...size} structureRev={1} cellHeight={panel.options.cellHeight} sortBy={panel.options.sortBy}
            fieldConfig={fieldConfig} showTypeIcons={false} noValue={fieldConfig.defaults.noValue} timeRange={scope.timeRange}
          />
        </div>
      );
    case 'heatmap':
      return <Heatmap panel={panel} frames={raw} scope={scope} theme={theme} {...size} />;
    default:
      return <div data-panel-error={panel.title}>no such panel: {panel.type}</div>;
  }
}

const Stat = ({ panel, frames, fieldConfig, scope, theme, width, height }) => (
  <VizRepeater
    getValues={() => getFieldDisplayValues({
      fieldConfig, reduceOptions: panel.options.reduceOptions, replaceVariables: scope.replace, theme, data: frames, timeZone: 'utc',
    })}
    getAlignmentFactors={() => ({ title: 'in range', text: '100 %', numeric: 0 })}
    renderValue={({ value, alignmentFactors, width, height, count }) => (
      <BigValue
        value={value.display} count={count} alignmentFactors={alignmentFactors} width={width} height={height} theme={theme}
        colorMode={panel.options.colorMode} graphMode={panel.options.graphMode} textMode={panel.options.textMode}
        justifyMode={panel.options.justifyMode} wideLayout={panel.options.wideLayout} text={panel.options.text}
      />
    )}
    width={width} height={height} source={frames} itemSpacing={3} autoGrid orientation={panel.options.orientation}
  />
);

const Graph = ({ panel, frames, scope, events, theme, width, height }) => (
  <TimeSeries
    frames={frames} structureRev={1} timeRange={scope.timeRange} timeZone="utc" width={width} height={height}
    legend={panel.options.legend} options={panel.options} replaceVariables={scope.replace}
  >
    {(builder) => <Annotations builder={builder} events={events} theme={theme} />}
  </TimeSeries>
);

/** Grafana draws annotations in its core. These are lines at the same times. */
function Annotations({ builder, events, theme }) {
  useLayoutEffect(() => {
    builder.addHook('draw', ({ ctx, bbox, valToPos }) => {
      ctx.save();
      ctx.lineWidth = 1;
      ctx.setLineDash([4, 4]);
      for (const { time, color } of events) {
        ctx.strokeStyle = ctx.fillStyle = theme.visualization.getColorByName(color);
        const x = valToPos(time, 'x', true);
        const bottom = bbox.top + bbox.height;
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bottom);
        ctx.stroke();
        ctx.beginPath();
        ctx.moveTo(x - 5, bottom + 5);
        ctx.lineTo(x + 5, bottom + 5);
        ctx.lineTo(x, bottom);
        ctx.fill();
      }
      ctx.restore();
    });
  }, [builder]);
  return null;
}
