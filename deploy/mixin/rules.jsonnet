// jsonnet -S --ext-code-file config=config.json deploy/mixin/rules.jsonnet > tcpstat.rules.yml
local mixin = (import 'mixin.libsonnet') + { _config+:: std.mergePatch(super._config, std.extVar('config')) };
std.manifestYamlDoc(mixin.prometheusAlerts)
