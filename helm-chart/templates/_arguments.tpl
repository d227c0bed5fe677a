{{- /* A value as it was written: YAML's large numbers come as floating point numbers. */}}
{{- define "pushgateway.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{- /* The value that extraArgs give to a flag. Takes a list: context, name of the flag. */}}
{{- define "pushgateway.extraFlag" -}}
{{- $flag := print "--" (last .) }}
{{- $value := "" }}
{{- $next := false }}
{{- range (first .).Values.extraArgs }}
{{- $argument := include "pushgateway.text" . }}
{{- if $next }}{{ $value = $argument }}{{ end }}
{{- $next = eq $argument $flag }}
{{- if hasPrefix (print $flag "=") $argument }}{{ $value = trimPrefix (print $flag "=") $argument }}{{ end }}
{{- end }}
{{- $value }}
{{- end }}

{{- /* The file in which the server keeps its groups, if it does; what extraArgs say of it holds. */}}
{{- define "pushgateway.persistenceFile" -}}
{{- $told := include "pushgateway.extraFlag" (list . "persistence.file") }}
{{- $wanted := .Values.persistentVolume.enabled }}
{{- if kindIs "bool" .Values.persistence.enabled }}{{ $wanted = .Values.persistence.enabled }}{{ end }}
{{- if $told }}{{ $told }}
{{- else if $wanted }}{{ printf "%s/%s" (trimSuffix "/" .Values.persistentVolume.mountPath) .Values.persistence.file }}
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
      (list "web.threads" (include "pushgateway.text" .Values.web.threads))
      (list "push.timestamps" .Values.push.timestamps)
      (list "log.level" .Values.log.level)
      (list "log.format" .Values.log.format) }}
{{- with include "pushgateway.persistenceFile" . }}
{{- $told := include "pushgateway.extraFlag" (list $ "persistence.file") }}
{{- $texts = concat $texts (list
      (list "persistence.file" (empty $told | ternary . ""))
      (list "persistence.sync" $.Values.persistence.sync)
      (list "persistence.interval" $.Values.persistence.interval)
      (list "persistence.on-corruption" $.Values.persistence.onCorruption)) }}
{{- end }}
{{- range $texts }}
{{- if last . }}{{ $args = append $args (printf "--%s=%s" (first .) (toString (last .))) }}{{ end }}
{{- end }}
{{- range list
      (list "web.enable-lifecycle" .Values.web.enableLifecycle)
      (list "web.enable-admin-api" .Values.web.enableAdminApi)
      (list "web.enable-openmetrics" .Values.web.enableOpenmetrics)
      (list "web.openmetrics-created" .Values.web.openmetricsCreated)
      (list "push.disable-consistency-check" .Values.push.disableConsistencyCheck)
      (list "push.enable-utf8-names" .Values.push.enableUtf8Names)
      (list "push.lenient" .Values.push.lenient)
      (list "push.ignore-stray-samples" .Values.push.ignoreStraySamples) }}
{{- if last . }}{{ $args = append $args (print "--" (first .)) }}{{ end }}
{{- end }}
{{- range .Values.web.corsOrigins }}{{ $args = append $args (print "--web.cors-origin=" .) }}{{ end }}
{{- range $name, $value := .Values.limits }}
{{- $args = append $args (printf "--limit.%s=%s" $name (include "pushgateway.text" $value)) }}
{{- end }}
{{- range $name, $value := .Values.timeouts }}
{{- $args = append $args (printf "--timeout.%s=%s" $name (include "pushgateway.text" $value)) }}
{{- end }}
{{- range .Values.extraArgs }}{{ $args = append $args (include "pushgateway.text" .) }}{{ end }}
{{- toYaml $args }}
{{- end }}
