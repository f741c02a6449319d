// The rules and dashboards with your own parameters. For all parameters and their defaults, see
// ../../alerts/parameters.json.
//   (import 'tcpstat-exporter/deploy/mixin/mixin.libsonnet') + { _config+:: { thresholds+: { acceptQueueFill: 0.8 } } }
local parameters = import '../../alerts/parameters.json';
local files = {
  'rules.json': importstr '../helm/tcpstat-exporter/files/rules.json',
  'tcpstat-fleet.json': importstr '../helm/tcpstat-exporter/files/tcpstat-fleet.json',
  'tcpstat-host.json': importstr '../helm/tcpstat-exporter/files/tcpstat-host.json',
};

{
  _config:: {
    thresholds: std.mapWithKey(function(name, threshold) threshold.default, parameters.thresholds),
    selector: parameters.selector.default,
    jobPattern: parameters.jobPattern.default,
    clusterLabel: parameters.clusterLabel.default,
    runbookUrl: parameters.runbookUrl.default,
    alertLabels: parameters.alertLabels.default,
    disabledAlerts: [],
  },

  local config = self._config,
  local unknown = std.setDiff(std.objectFields(config.thresholds), std.objectFields(parameters.thresholds)),
  assert unknown == [] : 'no such threshold: ' + std.join(', ', unknown),

  // The replacement for each token in the files. They are JSON, and a threshold without quotes is a number.
  local number(value) = '%.10g' % value,
  local inString(value) = std.strReplace(std.strReplace(value, '\\', '\\\\'), '"', '\\"'),
  local tokens = {
    ['"@' + name + '@"']: number(config.thresholds[name])
    for name in std.objectFields(config.thresholds)
  } + {
    ['@' + name + '@']: number(config.thresholds[name])
    for name in std.objectFields(config.thresholds)
  } + {
    ['@' + name + ':percent@']: number(std.floor(1000 * config.thresholds[name] + 0.5) / 10)
    for name in std.objectFields(config.thresholds)
  } + {
    '@matchers@': if config.selector == '' then '' else inString(config.selector) + ',',
    '@braces@': if config.selector == '' then '' else '{' + inString(config.selector) + '}',
    '@jobPattern@': inString(config.jobPattern),
    '@clusterLabel@': config.clusterLabel,
    '@runbookUrl@': config.runbookUrl,
  },

  // sorted by name, so the quoted tokens come first
  local tuned(name) = std.parseJson(std.foldl(
    function(text, token) std.strReplace(text, token, tokens[token]),
    std.objectFields(tokens),
    files[name]
  )),

  // Recording rules and alerts together: a group is evaluated in order, and an alert comes after the recording rules
  // that it reads.
  prometheusAlerts+:: {
    groups+: [
      group {
        rules: [
          if std.objectHas(rule, 'alert') then rule { labels+: config.alertLabels } else rule
          for rule in group.rules
          if !(std.objectHas(rule, 'alert') && std.member(config.disabledAlerts, rule.alert))
        ],
      }
      for group in tuned('rules.json').groups
    ],
  },

  grafanaDashboards+:: {
    [name]: tuned(name)
    for name in ['tcpstat-fleet.json', 'tcpstat-host.json']
  },
}
