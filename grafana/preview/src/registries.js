// What Grafana itself registers at startup: field options and transformations.
import * as data from '@grafana/data';

const option = (id, process, extra = {}) => ({
  id, path: id, name: id, process, shouldApply: () => true, override: () => null, editor: () => null, getItemsCount: () => 0, ...extra,
});

const standard = {
  displayName: data.displayNameOverrideProcessor,
  unit: data.unitOverrideProcessor,
  min: data.numberOverrideProcessor,
  max: data.numberOverrideProcessor,
  decimals: data.numberOverrideProcessor,
  thresholds: data.thresholdsOverrideProcessor,
  mappings: data.valueMappingsOverrideProcessor,
  noValue: data.stringOverrideProcessor,
  links: data.dataLinksOverrideProcessor,
  color: data.identityOverrideProcessor,
};

// the custom options of the time series and table panels that the dashboards may set
const custom = [
  'drawStyle', 'lineInterpolation', 'lineWidth', 'fillOpacity', 'gradientMode', 'lineStyle', 'spanNulls', 'showPoints',
  'stacking', 'axisSoftMin', 'axisSoftMax', 'axisWidth', 'scaleDistribution', 'thresholdsStyle',
  'width', 'minWidth', 'wrapText', 'align', 'cellOptions', 'inspect', 'hidden', 'hideFrom',
];

export const fieldOptions = new data.FieldConfigOptionsRegistry(() => [
  ...Object.entries(standard).map(([id, process]) => option(id, process)),
  ...custom.map((path) => option(`custom.${path}`, data.identityOverrideProcessor, { path, isCustom: true })),
]);

/** Panels may only set what is declared above, so a misspelt option does not go unnoticed. */
export function unknownOptions({ defaults, overrides }) {
  const known = new Set(fieldOptions.list().map(({ id }) => id));
  return [
    ...Object.keys(defaults).filter((key) => key !== 'custom'),
    ...Object.keys(defaults.custom ?? {}).map((key) => `custom.${key}`),
    ...overrides.flatMap(({ properties }) => properties.map(({ id }) => id)),
  ].filter((id) => !known.has(id));
}

export function register() {
  data.standardFieldConfigEditorRegistry.setInit(() => Object.entries(standard).map(([id, process]) => option(id, process)));
  data.standardTransformersRegistry.setInit(() =>
    [...new Map(Object.values(data.standardTransformers).map((t) => [t.id, t])).values()]
      .map((t) => ({ id: t.id, aliasIds: [], name: t.name, transformation: async () => t, editor: () => null })));
}
