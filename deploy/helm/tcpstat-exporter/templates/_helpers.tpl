{{- define "tcpstat-exporter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "tcpstat-exporter.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "tcpstat-exporter.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "tcpstat-exporter.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{- define "tcpstat-exporter.selector" -}}
app.kubernetes.io/name: {{ include "tcpstat-exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tcpstat-exporter.labels" -}}
{{ include "tcpstat-exporter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* A file of rules or a dashboard, with a value for each @token@. The files are JSON, and so is the result. */}}
{{- define "tcpstat-exporter.tuned" -}}
{{- $parameters := .root.Values.parameters -}}
{{- $text := .root.Files.Get .file -}}
{{- range $name, $value := $parameters.thresholds -}}
{{- $number := toJson $value -}}
{{- $text = $text | replace (printf "\"@%s@\"" $name) $number | replace (printf "@%s@" $name) $number -}}
{{- $text = $text | replace (printf "@%s:percent@" $name) (toJson (round (mulf $value 100) 1)) -}}
{{- end -}}
{{- $selector := $parameters.selector | replace "\\" "\\\\" | replace "\"" "\\\"" -}}
{{- $text = $text | replace "@matchers@" (ternary (printf "%s," $selector) "" (ne $selector "")) -}}
{{- $text = $text | replace "@braces@" (ternary (printf "{%s}" $selector) "" (ne $selector "")) -}}
{{- $text | replace "@jobPattern@" $parameters.jobPattern | replace "@clusterLabel@" $parameters.clusterLabel | replace "@runbookUrl@" $parameters.runbookUrl -}}
{{- end -}}
