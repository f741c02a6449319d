// <div id="root"> becomes one dashboard: /?dashboard=UID&theme=dark&from=MS&to=MS&var-NAME=VALUE
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
const scope = new Scope(Number(query.get('from')), Number(query.get('to')));
await scope.resolve(board.templating.list, query);
const events = await scope.annotations(board.annotations.list);
createRoot(document.getElementById('root')).render(
  <ThemeContext.Provider value={theme}>
    <GlobalStyles />
    <PortalContainer />
    <Dashboard board={board} scope={scope} events={events} theme={theme} width={Number(query.get('width'))} />
  </ThemeContext.Provider>);
