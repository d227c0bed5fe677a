{{- /* The prefix of all routes: empty, or with a slash at its beginning and none at its end. */}}
{{- define "pushgateway.prefix" -}}
{{- $prefix := .Values.web.routePrefix | default (include "pushgateway.extraFlag" (list . "web.route-prefix")) }}
{{- $url := .Values.web.externalUrl | default (include "pushgateway.extraFlag" (list . "web.external-url")) }}
{{- if and (not $prefix) $url }}
{{- $prefix = (urlParse $url).path }}
{{- end }}
{{- with trimAll "/" ($prefix | default "") }}/{{ . }}{{ end }}
{{- end }}

{{- /* A path below the prefix; one that names the prefix itself stays. Takes a list: context, path. */}}
{{- define "pushgateway.path" -}}
{{- $prefix := include "pushgateway.prefix" (first .) }}
{{- $path := last . }}
{{- if or (not $prefix) (eq $path $prefix) (hasPrefix (print $prefix "/") $path) }}{{ $path }}{{ else }}{{ $prefix }}{{ $path }}{{ end }}
{{- end }}

{{- define "pushgateway.telemetryPath" -}}
{{- include "pushgateway.path" (list . (coalesce .Values.serviceMonitor.telemetryPath .Values.web.telemetryPath (include "pushgateway.extraFlag" (list . "web.telemetry-path")) "/metrics")) }}
{{- end }}

{{- define "pushgateway.existingSecret" -}}
{{- ((.Values.webConfiguration).existingSecret).name | default "" }}
{{- end }}

{{- define "pushgateway.webSecret" -}}
{{- include "pushgateway.existingSecret" . | default (include "pushgateway.fullname" .) }}
{{- end }}

{{- /* "true" if the server speaks TLS. */}}
{{- define "pushgateway.tls" -}}
{{- $web := .Values.webConfiguration }}
{{- if include "pushgateway.existingSecret" . }}
{{- if (($web).existingSecret).tls }}true{{ end }}
{{- else if or (($web).tls).secretName (($web).config).tls_server_config }}true
{{- end }}
{{- end }}

{{- define "pushgateway.scheme" -}}
{{- if include "pushgateway.tls" . }}https{{ else }}http{{ end }}
{{- end }}

{{- /* "true" if only a client with a certificate gets in. */}}
{{- define "pushgateway.clientsNeedCertificates" -}}
{{- $web := .Values.webConfiguration }}
{{- $type := coalesce (($web).tls).clientAuthType ((($web).config).tls_server_config).client_auth_type | default "" }}
{{- if hasPrefix "Require" $type }}true{{ end }}
{{- end }}

{{- define "pushgateway.probesAreExempt" -}}
{{- if dig "exemptProbes" (not (include "pushgateway.existingSecret" .)) (.Values.webConfiguration | default dict) }}true{{ end }}
{{- end }}

{{- /* The user whom probes and ServiceMonitor are: of several the first by name, everywhere the same. */}}
{{- define "pushgateway.firstUser" -}}
{{- with (.Values.webConfiguration).basicAuthUsers }}{{ keys . | sortAlpha | first }}{{ end }}
{{- end }}

{{- define "pushgateway.webConfiguration" -}}
{{- $web := .Values.webConfiguration | default dict }}
{{- $file := deepCopy ($web.config | default dict) }}
{{- $users := dict }}
{{- range $name, $password := $web.basicAuthUsers }}
{{- $_ := set $users $name (htpasswd "" (toString $password) | trimPrefix ":") }}
{{- end }}
{{- if $users }}
{{- $_ := set $file "basic_auth_users" (merge $users ($file.basic_auth_users | default dict)) }}
{{- end }}
{{- with $web.tls }}
{{- if .secretName }}
{{- $tls := dict "cert_file" (print "/etc/tls/" (.certKey | default "tls.crt")) "key_file" (print "/etc/tls/" (.keyKey | default "tls.key")) }}
{{- with .clientCAKey }}{{ $_ := set $tls "client_ca_file" (print "/etc/tls/" .) }}{{ end }}
{{- with .clientAuthType }}{{ $_ := set $tls "client_auth_type" . }}{{ end }}
{{- $_ := set $file "tls_server_config" (merge $tls ($file.tls_server_config | default dict)) }}
{{- end }}
{{- end }}
{{- $guarded := or $users ($file.access).users ($file.access).tokens $file.basic_auth_users }}
{{- if and $guarded (include "pushgateway.probesAreExempt" .) }}
{{- $access := $file.access | default dict }}
{{- $_ := set $access "exempt" (append ($access.exempt | default list) "probes" | uniq) }}
{{- $_ := set $file "access" $access }}
{{- end }}
{{- toYaml $file }}
{{- end }}

{{- /* Unless it has one of its own, the startup probe takes the way of the liveness probe, which is also wanted where extraArgs
       change port or prefix. */}}
{{- define "pushgateway.startupProbe" -}}
{{- $probe := deepCopy .Values.startup.probe }}
{{- $way := coalesce $probe.httpGet $probe.tcpSocket $probe.exec $probe.grpc }}
{{- if and (not $way) .Values.liveness.enabled }}
{{- $probe = merge $probe (pick (deepCopy .Values.liveness.probe) "httpGet" "tcpSocket" "exec" "grpc") }}
{{- $way = true }}
{{- end }}
{{- if and .Values.startup.enabled $way }}{{ include "pushgateway.probe" (list . $probe) }}{{ end }}
{{- end }}

{{- /* "true" if the pod of `helm test` can come in. */}}
{{- define "pushgateway.testable" -}}
{{- if and .Values.tests.enabled (not (include "pushgateway.clientsNeedCertificates" .)) }}true{{ end }}
{{- end }}

{{- /* One probe. Takes a list: context, the values of the probe. */}}
{{- define "pushgateway.probe" -}}
{{- $ := first . }}
{{- $probe := deepCopy (last .) }}
{{- $http := $probe.httpGet }}
{{- $blind := and (include "pushgateway.existingSecret" $) (not (include "pushgateway.probesAreExempt" $)) }}
{{- if and $http (or $blind (include "pushgateway.clientsNeedCertificates" $)) }}
{{- $_ := unset $probe "httpGet" }}
{{- $_ := set $probe "tcpSocket" (dict "port" $http.port) }}
{{- else if $http }}
{{- $_ := set $http "path" (include "pushgateway.path" (list $ $http.path)) }}
{{- $_ := set $http "scheme" ($http.scheme | default (include "pushgateway.scheme" $ | upper)) }}
{{- $user := include "pushgateway.firstUser" $ }}
{{- if and $user (not (include "pushgateway.probesAreExempt" $)) }}
{{- $secret := printf "%s:%s" $user (get $.Values.webConfiguration.basicAuthUsers $user) }}
{{- $_ := set $http "httpHeaders" (prepend ($http.httpHeaders | default list) (dict "name" "Authorization" "value" (print "Basic " (b64enc $secret)))) }}
{{- end }}
{{- end }}
{{- toYaml $probe }}
{{- end }}
