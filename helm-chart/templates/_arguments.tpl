{{- /* A number as it was written: YAML's large ones come as floating point numbers. */}}
{{- define "pushgateway.number" -}}
{{- if kindIs "float64" . }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{- /* "true" if the server keeps its groups in a file. */}}
{{- define "pushgateway.persistent" -}}
{{- $told := regexMatch "--persistence.file[= ]" (join " " .Values.extraArgs | print " ") }}
{{- if kindIs "bool" .Values.persistence.enabled }}
{{- if .Values.persistence.enabled }}true{{ end }}
{{- else if and .Values.persistentVolume.enabled (not $told) }}true
{{- end }}
{{- end }}

{{- /* The arguments of the server, as a YAML list. What extraArgs say comes last. */}}
{{- define "pushgateway.arguments" -}}
{{- $args := list }}
{{- with .Values.webConfiguration }}{{ $args = append $args "--web.config.file=/etc/config/web-config.yaml" }}{{ end }}
{{- $texts := list
      (list "web.route-prefix" .Values.web.routePrefix)
      (list "web.external-url" .Values.web.externalUrl)
      (list "web.telemetry-path" .Values.web.telemetryPath)
      (list "web.own-metrics-path" .Values.web.ownMetricsPath)
      (list "web.shutdown-grace" .Values.web.shutdownGrace)
      (list "push.timestamps" .Values.push.timestamps)
      (list "log.level" .Values.log.level)
      (list "log.format" .Values.log.format) }}
{{- if include "pushgateway.persistent" . }}
{{- $file := printf "%s/%s" (trimSuffix "/" .Values.persistentVolume.mountPath) .Values.persistence.file }}
{{- $texts = concat $texts (list
      (list "persistence.file" $file)
      (list "persistence.sync" .Values.persistence.sync)
      (list "persistence.interval" .Values.persistence.interval)
      (list "persistence.on-corruption" .Values.persistence.onCorruption)) }}
{{- end }}
{{- range $texts }}
{{- if last . }}{{ $args = append $args (printf "--%s=%s" (first .) (toString (last .))) }}{{ end }}
{{- end }}
{{- range list
      (list "web.enable-lifecycle" .Values.web.enableLifecycle)
      (list "web.enable-admin-api" .Values.web.enableAdminApi)
      (list "web.openmetrics-created" .Values.web.openmetricsCreated)
      (list "push.disable-consistency-check" .Values.push.disableConsistencyCheck)
      (list "push.enable-utf8-names" .Values.push.enableUtf8Names)
      (list "push.lenient" .Values.push.lenient) }}
{{- if last . }}{{ $args = append $args (print "--" (first .)) }}{{ end }}
{{- end }}
{{- range .Values.web.corsOrigins }}{{ $args = append $args (print "--web.cors-origin=" .) }}{{ end }}
{{- range $name, $value := .Values.limits }}
{{- $args = append $args (printf "--limit.%s=%s" $name (include "pushgateway.number" $value)) }}
{{- end }}
{{- range $name, $value := .Values.timeouts }}
{{- $args = append $args (printf "--timeout.%s=%s" $name (include "pushgateway.number" $value)) }}
{{- end }}
{{- concat $args (.Values.extraArgs | default list) | toYaml }}
{{- end }}
