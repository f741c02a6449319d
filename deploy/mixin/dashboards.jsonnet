// jsonnet -m DIR --ext-code-file config=config.json deploy/mixin/dashboards.jsonnet
local mixin = (import 'mixin.libsonnet') + { _config+:: std.mergePatch(super._config, std.extVar('config')) };
mixin.grafanaDashboards
