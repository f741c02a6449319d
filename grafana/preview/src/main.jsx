// <div id="root"> becomes one dashboard, as wide as the window: /?dashboard=UID&theme=dark&from=MS&to=MS&var-NAME=VALUE.
// With &netns=NAME its tables have one more column, as on a host with several network namespaces.
import { createTheme, ThemeContext } from '@grafana/data';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { createRoot } from 'react-dom/client';
import { Dashboard } from './dashboard.jsx';
import { register } from './registries.js';
import { Scope } from './scope.js';

const query = new URLSearchParams(location.search);
const board = await (await fetch(`/dashboards/${query.get('dashboard')}.json`)).json();
const theme = createTheme({ colors: { mode: query.get('theme') } });
register();
const scope = new Scope(Number(query.get('from')), Number(query.get('to')), query.get('netns'));
await scope.resolve(board.templating.list, query);
const events = await scope.annotations(board.annotations.list);
const root = createRoot(document.getElementById('root'));
const draw = () => root.render(
  <ThemeContext.Provider value={theme}>
    <GlobalStyles />
    <PortalContainer />
    <Dashboard board={board} scope={scope} events={events} theme={theme} width={window.innerWidth} />
  </ThemeContext.Provider>);
window.addEventListener('resize', draw);
draw();
