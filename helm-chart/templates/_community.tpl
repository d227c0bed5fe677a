{{- /* The names by which extraManifests written for the prometheus-community chart ask. */}}
{{- define "prometheus-pushgateway.name" }}{{ include "pushgateway.name" . }}{{ end }}
{{- define "prometheus-pushgateway.fullname" }}{{ include "pushgateway.fullname" . }}{{ end }}
{{- define "prometheus-pushgateway.namespace" }}{{ include "pushgateway.namespace" . }}{{ end }}
{{- define "prometheus-pushgateway.chart" }}{{ include "pushgateway.chart" . }}{{ end }}
{{- define "prometheus-pushgateway.serviceAccountName" }}{{ include "pushgateway.serviceAccountName" . }}{{ end }}
{{- define "prometheus-pushgateway.image" }}{{ include "pushgateway.image" . }}{{ end }}
{{- define "prometheus-pushgateway.selectorLabels" }}{{ include "pushgateway.selectorLabels" . }}{{ end }}
{{- define "prometheus-pushgateway.defaultLabels" }}{{ include "pushgateway.labels" . }}{{ end }}
{{- define "prometheus-pushgateway.podSpec" }}{{ include "pushgateway.podSpec" . }}{{ end }}
{{- define "prometheus-pushgateway.webConfiguration" }}{{ include "pushgateway.webConfiguration" . }}{{ end }}
{{- define "prometheus-pushgateway.webConfigurationSecretName" }}{{ include "pushgateway.webSecret" . }}{{ end }}
{{- define "prometheus-pushgateway.webConfigurationExistingSecretName" }}{{ include "pushgateway.existingSecret" . }}{{ end }}
