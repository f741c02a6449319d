// node shoot.mjs PROMETHEUS DASHBOARDS FOLDER FROM TO CASES: serves the page on loopback and checks each case at each
// of its widths. If a case has parts, it takes that many pictures at the last width.
// CASES: JSON, [{ name, dashboard, theme, widths, parts, netns, variables: { name: value } }], FROM and TO in milliseconds.
// The last line of its output is JSON: the page's complaints for each case.
import { chromium } from 'playwright-core';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const [prometheus, dashboards, folder, from, to, cases] = process.argv.slice(2);
const here = new URL('.', import.meta.url).pathname;
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml' };

async function serve(path) {
  if (path.startsWith('/api/')) {
    return { type: 'application/json', body: Buffer.from(await (await fetch(prometheus + path)).arrayBuffer()) };
  }
  const name = normalize(path.split('?')[0]);
  const file = name.startsWith('/dashboards/')
    ? join(dashboards, name.slice('/dashboards/'.length))
    : join(here, 'dist', name === '/' ? 'index.html' : name);
  return { type: types[extname(file)] ?? 'application/octet-stream', body: await readFile(file) };
}

/** Where to cut a page into pictures of similar height, each starting with a row of the dashboard. */
function cut(parts) {
  const height = document.documentElement.scrollHeight;
  const rows = [...document.querySelectorAll('h3')].map((row) => Math.round(row.getBoundingClientRect().top) - 8);
  const nearest = (ideal) => rows.reduce((best, row) => (Math.abs(row - ideal) < Math.abs(best - ideal) ? row : best));
  return [0, ...Array.from({ length: parts - 1 }, (_, index) => nearest((height * (index + 1)) / parts)), height];
}

/**
 * Tables, texts in them, and legends that do not fit into their panels. Tables may overflow at the bottom, because their worst
 * rows come first, but not within a row.
 */
function cutOff() {
  const lineStart = 13; // where a row's text begins
  const wider = (node) => node.scrollWidth > node.clientWidth + 1;
  const higher = (node) => node.scrollHeight > node.clientHeight + 1;
  const scrolls = (overflow) => overflow === 'auto' || overflow === 'scroll';
  return [
    ...[...document.querySelectorAll('[data-panel-table]')].flatMap((panel) => {
      const table = panel.querySelector('[role=grid]');
      const end = panel.getBoundingClientRect().bottom;
      const texts = [...table.querySelectorAll('[role=gridcell], [role=columnheader]')].filter((cell) => wider(cell) || higher(cell) || [...cell.querySelectorAll('*')].some((part) => part.getBoundingClientRect().left < cell.getBoundingClientRect().left - 1));
      const rows = [...table.querySelectorAll('[role=row] > [role=gridcell]:first-child')].map((cell) => cell.getBoundingClientRect());
      // rows of more than one line come as they come
      const isEven = rows.every(({ height }) => height === rows[0].height);
      const halves = rows.filter(({ top, bottom }) => isEven && end - top > lineStart && bottom - end > 3);
      return [
        ...(wider(table) ? [`${table.scrollWidth} px of columns in ${table.clientWidth}`] : []),
        ...texts.map((cell) => `"${cell.textContent}" is cut`),
        ...halves.map(({ height }) => `half a row of ${height} px`),
      ].map((what) => `${panel.dataset.panelTable}: ${what}`);
    }),
    ...[...document.querySelectorAll('[data-panel-graph]')].flatMap((panel) => {
      const nodes = [...panel.querySelectorAll('[data-testid*="viz-layout-legend"] *')];
      const cut = nodes.find((node) => {
        const { overflowX, overflowY, textOverflow } = getComputedStyle(node);
        return (scrolls(overflowY) && higher(node)) || ((scrolls(overflowX) || textOverflow === 'ellipsis') && wider(node));
      });
      return nodes.length === 0 && panel.dataset.legend === 'true' ? [`${panel.dataset.panelGraph}: no legend`] : cut ? [`${panel.dataset.panelGraph}: the legend is cut at "${cut.textContent.slice(0, 40)}"`] : [];
    }),
  ];
}

/** What is cut off after the page has a width and is drawn: when two checks, half a second apart, find the same. */
async function cutAt(page, width) {
  await page.waitForFunction((wanted) => innerWidth === wanted, width, { timeout: 15_000 });
  const end = Date.now() + 15_000;
  let last;
  let cut;
  do {
    last = cut;
    await page.waitForTimeout(500);
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    cut = JSON.stringify(await page.evaluate(cutOff));
  } while (cut !== last && Date.now() < end);
  return JSON.parse(cut);
}

const server = createServer((request, response) => serve(request.url).then(
  ({ type, body }) => response.writeHead(200, { 'content-type': type }).end(body),
  (error) => response.writeHead(404).end(String(error))));
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const address = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage({ timezoneId: 'UTC' });
let found;
page.on('pageerror', (error) => found.errors.push(String(error.stack ?? error)));
const complaints = {};
for (const { name, dashboard, theme, widths, parts, netns, variables } of JSON.parse(cases)) {
  found = { errors: [], noData: [], cut: [] };
  complaints[name] = found;
  const query = new URLSearchParams({ dashboard, theme, from, to, ...(netns && { netns }) });
  for (const [variable, value] of Object.entries(variables ?? {})) {
    query.set(`var-${variable}`, value);
  }
  try {
    await page.setViewportSize({ width: widths[0], height: 900 });
    await page.goto(`${address}?${query}`, { waitUntil: 'load' });
    await page.waitForSelector('section, [data-panel-error], [data-panel-nodata]', { timeout: 30_000 });
    await page.waitForFunction(() => !document.querySelector('[data-panel-waiting]'), undefined, { timeout: 30_000 });
    // tables draw their rows only when they are in view
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width: widths[0], height });
    await page.waitForFunction(
      () => [...document.querySelectorAll('[data-panel-table]')].every((table) => table.querySelectorAll('[role=row]').length > 1),
      undefined, { timeout: 30_000 });
    await page.waitForLoadState('networkidle');
    for (const width of widths) {
      await page.setViewportSize({ width, height });
      found.cut.push(...(await cutAt(page, width)).map((what) => `${width} px: ${what}`));
    }
    found.errors.push(...await page.$$eval('[data-panel-error]', (nodes) => nodes.map((node) => `${node.dataset.panelError}: ${node.textContent}`)));
    found.noData.push(...await page.$$eval('[data-panel-nodata]', (nodes) => nodes.map((node) => node.dataset.panelNodata)));
    found.panels = await page.$$eval('section', (nodes) => nodes.length);
    const cuts = parts ? await page.evaluate(cut, parts) : [];
    for (const [index, top] of cuts.slice(0, -1).entries()) {
      const clip = { x: 0, y: top, width: widths.at(-1), height: cuts[index + 1] - top };
      await page.screenshot({ path: join(folder, `${name}${parts > 1 ? `-${index + 1}` : ''}.png`), clip, fullPage: true });
    }
  } catch (error) {
    found.errors.push(String(error));
  }
}
await browser.close();
server.close();
console.log(JSON.stringify(complaints));
