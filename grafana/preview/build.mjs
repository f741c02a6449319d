// Bundles the page that draws a dashboard, with the icons that Grafana's components fetch.
import { build } from 'esbuild';
import { cpSync, rmSync } from 'node:fs';

const here = new URL('.', import.meta.url).pathname;
rmSync(`${here}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: here,
  entryPoints: ['src/main.jsx'],
  bundle: true,
  format: 'esm',
  splitting: true,
  jsx: 'automatic',
  outdir: 'dist',
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  loader: { '.svg': 'dataurl', '.ttf': 'empty', '.woff': 'empty', '.woff2': 'dataurl' },
  logLevel: 'error',
});
cpSync(new URL('../public', import.meta.resolve('@grafana/ui')), `${here}dist/public/build`, { recursive: true });
cpSync(`${here}index.html`, `${here}dist/index.html`);
