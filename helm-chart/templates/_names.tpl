{{- define "pushgateway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "pushgateway.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "pushgateway.namespace" -}}
{{- coalesce .Values.namespaceOverride .Values.namespace .Release.Namespace }}
{{- end }}

{{- define "pushgateway.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "pushgateway.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "pushgateway.fullname" .) "default") }}
{{- end }}

{{- define "pushgateway.image" -}}
{{- $image := .Values.image }}
{{- $registry := (.Values.global).imageRegistry | default $image.registry }}
{{- with $registry }}{{ trimSuffix "/" . }}/{{ end }}{{ $image.repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* Labels of a new selector. */}}
{{- define "pushgateway.ownSelectorLabels" -}}
app: {{ include "pushgateway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* A selector cannot be changed: what is there keeps its own, which lets a release move here from another chart. */}}
{{- define "pushgateway.selectorLabels" -}}
{{- $kind := .Values.runAsStatefulSet | ternary "StatefulSet" "Deployment" }}
{{- $there := lookup "apps/v1" $kind (include "pushgateway.namespace" .) (include "pushgateway.fullname" .) }}
{{- $found := dig "spec" "selector" "matchLabels" (dict) ($there | default dict) }}
{{- coalesce .Values.selectorLabels $found (include "pushgateway.ownSelectorLabels" . | fromYaml) | toYaml }}
{{- end }}

{{- /* Labels of every object. */}}
{{- define "pushgateway.labels" -}}
{{- $labels := dict
      "app" (include "pushgateway.name" .)
      "helm.sh/chart" (include "pushgateway.chart" .)
      "app.kubernetes.io/name" (include "pushgateway.name" .)
      "app.kubernetes.io/instance" .Release.Name
      "app.kubernetes.io/version" .Chart.AppVersion
      "app.kubernetes.io/managed-by" .Release.Service }}
{{- merge $labels (.Values.podLabels | default dict) | toYaml }}
{{- end }}

{{- define "pushgateway.podLabels" -}}
{{- $labels := include "pushgateway.labels" . | fromYaml }}
{{- merge (include "pushgateway.selectorLabels" . | fromYaml) $labels | toYaml }}
{{- end }}
