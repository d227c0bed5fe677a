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
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ include "pushgateway.text" ($image.tag | default .Chart.AppVersion) }}{{ end }}
{{- end }}

{{- /* A map whose values are texts, as labels and annotations have to be. */}}
{{- define "pushgateway.texts" -}}
{{- $texts := dict }}
{{- range $name, $value := . }}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $texts $name (include "pushgateway.text" $value) }}{{ end }}
{{- end }}
{{- toYaml $texts }}
{{- end }}

{{- /* The labels by which a release is known to others. */}}
{{- define "pushgateway.identity" -}}
app.kubernetes.io/name: {{ include "pushgateway.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- /* Labels of a new selector. Pods whose label `app` somebody has chosen are found by their name. */}}
{{- define "pushgateway.ownSelectorLabels" -}}
{{- hasKey (.Values.podLabels | default dict) "app" | ternary "app.kubernetes.io/name" "app" }}: {{ include "pushgateway.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- /* A selector cannot be changed: what is there keeps its own, which lets a release move here from another chart. */}}
{{- define "pushgateway.selectorLabels" -}}
{{- $kind := .Values.runAsStatefulSet | ternary "StatefulSet" "Deployment" }}
{{- $there := lookup "apps/v1" $kind (include "pushgateway.namespace" .) (include "pushgateway.fullname" .) }}
{{- $found := dig "spec" "selector" "matchLabels" (dict) ($there | default dict) }}
{{- coalesce .Values.selectorLabels $found (include "pushgateway.ownSelectorLabels" . | fromYaml) | include "pushgateway.texts" }}
{{- end }}

{{- /* Labels of every object. */}}
{{- define "pushgateway.labels" -}}
{{- $labels := dict
      "app" (include "pushgateway.name" .)
      "helm.sh/chart" (include "pushgateway.chart" .)
      "app.kubernetes.io/version" .Chart.AppVersion
      "app.kubernetes.io/managed-by" .Release.Service }}
{{- merge (include "pushgateway.identity" . | fromYaml) (deepCopy (.Values.podLabels | default dict)) $labels | include "pushgateway.texts" }}
{{- end }}

{{- /* Those with others, which win. Takes a list: context, the others. */}}
{{- define "pushgateway.labelsWith" -}}
{{- merge (deepCopy (last . | default dict)) (include "pushgateway.labels" (first .) | fromYaml) | include "pushgateway.texts" }}
{{- end }}

{{- define "pushgateway.podLabels" -}}
{{- $labels := include "pushgateway.labels" . | fromYaml }}
{{- merge (include "pushgateway.selectorLabels" . | fromYaml) $labels | toYaml }}
{{- end }}
