// The page: title, variables, and the panels on Grafana's grid of 24 columns. Collapsed rows are expanded.
import { PanelChrome } from '@grafana/ui';
import { Panel } from './panel.jsx';

const line = 30;
const gap = 8;

export function Dashboard({ board, scope, events, theme, width }) {
  const column = (width - gap) / 24;
  const panels = board.panels.flatMap((panel) => [panel, ...panel.panels ?? []]);
  const lines = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const secondary = theme.colors.text.secondary;
  return (
    <div style={{ background: theme.colors.background.canvas, color: theme.colors.text.primary, width, padding: `0 0 0 ${gap}px`, fontFamily: theme.typography.fontFamily }}>
      <div style={{ display: 'flex', gap: 16, alignItems: 'center', height: 48, fontSize: 14 }}>
        <b style={{ fontSize: 18 }}>{board.title}</b>
        {board.templating.list.filter(({ type }) => type !== 'datasource').map(({ name, label }) => (
          <span key={name}><span style={{ color: secondary }}>{label}</span> {scope.labels[name]}</span>
        ))}
        <span style={{ marginLeft: 'auto', marginRight: 2 * gap, color: secondary }}>
          {scope.timeRange.from.format('HH:mm:ss')} to {scope.timeRange.to.format('HH:mm:ss')}
        </span>
      </div>
      <div style={{ position: 'relative', height: lines * (line + gap) }}>
        {panels.map((panel) => {
          const { x, y, w, h } = panel.gridPos;
          const size = { width: w * column - gap, height: h * (line + gap) - gap };
          return (
            <div key={panel.id} style={{ position: 'absolute', left: x * column, top: y * (line + gap), ...size }}>
              {panel.type === 'row'
                ? <h3 style={{ fontSize: 16, margin: '6px 0' }}>{panel.title}</h3>
                : (
                  <PanelChrome title={panel.title} description={panel.description} {...size}>
                    {(innerWidth, innerHeight) => <Panel panel={panel} scope={scope} events={events} theme={theme} width={innerWidth} height={innerHeight} />}
                  </PanelChrome>
                )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
