// A substitute: Grafana's heatmap panel is part of its core and not available as a component. It shows the result of
// the panel's query with the options that are implemented here. It proves nothing about how Grafana draws it.
import { getValueFormat } from '@grafana/data';

const percent = (value) => getValueFormat('percentunit')(value, 0);
const bottom = 22;
const right = 8;
const steps = [1, 5, 10, 15, 30, 60, 300, 600, 1800, 3600].map((seconds) => seconds * 1000);

export function Heatmap({ panel, frames, scope, theme, width, height }) {
  const { color, filterValues, cellGap, yAxis } = panel.options;
  const left = yAxis.axisWidth;
  const rows = frames
    .map((frame) => ({ le: Number(frame.fields[1].labels.le.replace('+Inf', 'Infinity')), times: frame.fields[0].values, values: frame.fields[1].values }))
    .sort((a, b) => a.le - b.le);
  const cells = rows.flatMap(({ le, times, values }, row) => times.map((time, index) => {
    // buckets are cumulative
    const below = row === 0 ? 0 : rows[row - 1].values[rows[row - 1].times.indexOf(time)] ?? 0;
    return { row, time, value: (values[index] ?? 0) - below };
  })).filter(({ time, value }) => time > scope.from * 1000 && value > filterValues.le);
  const most = Math.max(...cells.map(({ value }) => value));
  const [from, to] = [scope.from * 1000, scope.to * 1000];
  const x = (time) => left + (width - left - right) * ((time - from) / (to - from));
  const step = (width - left - right) * (scope.step / (scope.to - scope.from));
  const tick = steps.find((ms) => (to - from) / ms <= width / 80) ?? steps.at(-1);
  const lineHeight = (height - bottom) / rows.length;
  const shade = theme.visualization.getColorByName(color.fill);
  return (
    <svg width={width} height={height} fontSize="12" fill={theme.colors.text.secondary}>
      {rows.map(({ le }, row) => (
        <text key={le} x={left - 6} y={height - bottom - (row + 1) * lineHeight + 10} textAnchor="end">{le === Infinity ? '+Inf' : `${percent(le).text}${percent(le).suffix}`}</text>
      ))}
      {cells.map(({ row, time, value }) => (
        <rect
          key={`${row} ${time}`} x={Math.max(x(time) - step, left)} y={height - bottom - (row + 1) * lineHeight}
          width={Math.max(step - cellGap, 1)} height={lineHeight - cellGap} fill={shade} fillOpacity={(value / most) ** color.exponent}
        />
      ))}
      {Array.from({ length: Math.floor(to / tick) - Math.floor(from / tick) }, (_, index) => (Math.floor(from / tick) + 1 + index) * tick).map((time) => (
        <text key={time} x={x(time)} y={height - 6} textAnchor="middle">{new Date(time).toISOString().slice(11, 19)}</text>
      ))}
    </svg>
  );
}
