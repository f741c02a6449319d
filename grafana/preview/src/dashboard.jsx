// The page: title, variables, and the panels on Grafana's grid of 24 columns. Collapsed rows are expanded, and a row that
// repeats is there for each value of its variable.
import { PanelChrome } from '@grafana/ui';
import { Panel } from './panel.jsx';

const line = 30;
const gap = 8;

/** All panels, where they are, and with which values of the variables. */
function place(board, scope) {
  let below = 0;
  return board.panels.flatMap((row) => {
    const panels = [row, ...row.panels ?? []];
    const height = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h)) - row.gridPos.y;
    const scopes = row.repeat ? scope.chosen[row.repeat].map((one) => scope.of(row.repeat, one)) : [scope];
    const placed = scopes.flatMap((one, index) => panels.map((panel) => ({ panel, one, y: panel.gridPos.y + below + index * height, key: `${panel.id} ${index}` })));
    below += (scopes.length - 1) * height;
    return placed;
  });
}

export function Dashboard({ board, scope, events, theme, width }) {
  const column = (width - gap) / 24;
  const panels = place(board, scope);
  const lines = Math.max(...panels.map(({ panel, y }) => y + panel.gridPos.h));
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
        {panels.map(({ panel, one, y, key }) => {
          const { x, w, h } = panel.gridPos;
          const size = { width: w * column - gap, height: h * (line + gap) - gap };
          return (
            <div key={key} style={{ position: 'absolute', left: x * column, top: y * (line + gap), ...size }}>
              {panel.type === 'row'
                ? <h3 style={{ fontSize: 16, margin: '6px 0' }}>{one.replace(panel.title)}</h3>
                : (
                  <PanelChrome title={panel.title} description={panel.description} {...size}>
                    {(innerWidth, innerHeight) => <Panel panel={panel} scope={one} events={events} theme={theme} width={innerWidth} height={innerHeight} />}
                  </PanelChrome>
                )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
