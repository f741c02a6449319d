// The parameters: the defaults in alerts/parameters.json, or a token for each one with --template.
import { readFileSync } from 'node:fs';

interface Parameters {
  thresholds: Record<string, { default: number }>;
  clusterLabel: { default: string };
  runbookUrl: { default: string };
}

const parameters: Parameters = JSON.parse(readFileSync(new URL('../../alerts/parameters.json', import.meta.url), 'utf8'));
const names = Object.keys(parameters.thresholds);
const isOn = process.argv.includes('--template');

// In a template a threshold is at first a number near its default that occurs nowhere else: it passes through whatever takes
// numbers, and stays on its side of the other levels. It ends in 1, so that none is the beginning of another.
const markers = new Map(names.map((name, index) =>
  [Number((parameters.thresholds[name]!.default + 0.00098765 + (index * 10 + 1) * 1e-9).toFixed(9)), name]));

/** The threshold of an alert. */
export function threshold(name: string): number {
  const entry = parameters.thresholds[name];
  if (!entry) throw new Error(`alerts/parameters.json has no threshold ${name}`);
  return isOn ? [...markers.keys()][names.indexOf(name)]! : entry.default;
}

/** Where the runbooks are. */
export const runbooks = isOn ? '@runbookUrl@' : parameters.runbookUrl.default;

/** The label that distinguishes clusters. */
export const clusterLabel = isOn ? '@clusterLabel@' : parameters.clusterLabel.default;

export const templating = {
  isOn,

  /** The selector: matchers in front of others, and in their own braces. */
  matchers: isOn ? '@matchers@' : '',
  braces: isOn ? '@braces@' : '',

  /** The token of a threshold in percent. Empty for a plain number. */
  percent: (number: number) => (isOn && markers.has(number) ? `@${markers.get(number)}:percent@` : undefined),

  /** The default value behind a possible token: for values that are computed from it and need not follow. */
  plain: (number: number) => (isOn && markers.has(number) ? parameters.thresholds[markers.get(number)!]!.default : number),

  /** Returns the JSON with tokens instead of those numbers. It is still valid JSON. */
  tokens: (text: string) => [...markers].reduce((whole, [number, name]) => whole
    .replace(new RegExp(`^(\\s*(?:"[^"]*": )?)${number}(,?)$`, 'gm'), `$1"@${name}@"$2`)
    .replaceAll(`${number}`, `@${name}@`), text),
};
