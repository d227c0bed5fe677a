{{- define "pushgateway.podSpec" -}}
{{- $web := .Values.webConfiguration }}
{{- $tls := (($web).tls).secretName }}
serviceAccountName: {{ include "pushgateway.serviceAccountName" . | quote }}
automountServiceAccountToken: {{ .Values.automountServiceAccountToken }}
{{- /* Services nearby would come as variables PUSHGATEWAY_…, which the server reads as flags. */}}
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with (.Values.global).imagePullSecrets | default .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.securityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.extraInitContainers }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: pushgateway
    image: {{ include "pushgateway.image" . | quote }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    {{- with include "pushgateway.arguments" . | fromYamlArray }}
    args:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .Values.extraVars }}
    env:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    ports:
      - name: metrics
        containerPort: 9091
        protocol: TCP
    {{- with include "pushgateway.startupProbe" . }}
    startupProbe:
      {{- . | nindent 6 }}
    {{- end }}
    {{- if .Values.liveness.enabled }}
    livenessProbe:
      {{- include "pushgateway.probe" (list . .Values.liveness.probe) | nindent 6 }}
    {{- end }}
    {{- if .Values.readiness.enabled }}
    readinessProbe:
      {{- include "pushgateway.probe" (list . .Values.readiness.probe) | nindent 6 }}
    {{- end }}
    {{- with .Values.lifecycle }}
    lifecycle:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with include "pushgateway.resources" . | fromYaml }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .Values.containerSecurityContext }}
    securityContext:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    volumeMounts:
      - name: storage-volume
        mountPath: {{ .Values.persistentVolume.mountPath | quote }}
        {{- with .Values.persistentVolume.subPath }}
        subPath: {{ . | quote }}
        {{- end }}
      {{- if $web }}
      - name: web-config
        mountPath: /etc/config
        readOnly: true
      {{- end }}
      {{- if $tls }}
      - name: tls
        mountPath: /etc/tls
        readOnly: true
      {{- end }}
      {{- with .Values.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  {{- with .Values.extraContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- include "pushgateway.texts" . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "pushgateway.affinity" . | fromYaml }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "pushgateway.volumes" . | fromYamlArray }}
volumes:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* As Kubernetes counts: 128Mi is 134217728, 100m is 0.1. */}}
{{- define "pushgateway.quantity" -}}
{{- $text := include "pushgateway.text" . }}
{{- $unit := regexFind "[A-Za-z]+$" $text }}
{{- $scales := dict "n" 1e-9 "u" 1e-6 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18
      "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 "Pi" 1125899906842624.0 "Ei" 1152921504606846976.0 }}
{{- mulf (trimSuffix $unit $text | float64) (get $scales $unit | default 1.0) }}
{{- end }}

{{- /* A default that contradicts what was told gives way: Kubernetes takes no request above its limit. Where both were told,
       Kubernetes says so itself. */}}
{{- define "pushgateway.resources" -}}
{{- $told := deepCopy (.Values.resources | default dict) }}
{{- $limits := $told.limits | default dict }}
{{- $requests := $told.requests | default dict }}
{{- range list (list "cpu" "100m" "200m") (list "memory" "64Mi" "128Mi") }}
{{- $name := first . }}
{{- $request := get $requests $name }}
{{- $limit := get $limits $name }}
{{- if and $request $limit (gt (include "pushgateway.quantity" $request | float64) (include "pushgateway.quantity" $limit | float64)) }}
{{- if eq (toString $limit) (index . 2) }}{{ $_ := unset $limits $name }}
{{- else if eq (toString $request) (index . 1) }}{{ $_ := unset $requests $name }}
{{- end }}
{{- end }}
{{- end }}
{{- toYaml $told }}
{{- end }}

{{- define "pushgateway.affinity" -}}
{{- $affinity := deepCopy (.Values.affinity | default dict) }}
{{- $near := dict
      "topologyKey" .Values.podAntiAffinityTopologyKey
      "labelSelector" (dict "matchLabels" (include "pushgateway.selectorLabels" . | fromYaml)) }}
{{- if eq .Values.podAntiAffinity "hard" }}
{{- $_ := set $affinity "podAntiAffinity" (dict "requiredDuringSchedulingIgnoredDuringExecution" (list $near)) }}
{{- else if eq .Values.podAntiAffinity "soft" }}
{{- $_ := set $affinity "podAntiAffinity" (dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "podAffinityTerm" $near))) }}
{{- end }}
{{- toYaml $affinity }}
{{- end }}

{{- define "pushgateway.volumes" -}}
{{- $volumes := list }}
{{- $volume := .Values.persistentVolume }}
{{- if not $volume.enabled }}
{{- $volumes = append $volumes (dict "name" "storage-volume" "emptyDir" ($volume.emptyDir | default dict)) }}
{{- else if or (not .Values.runAsStatefulSet) $volume.existingClaim }}
{{- $claim := $volume.existingClaim | default (include "pushgateway.fullname" .) }}
{{- $volumes = append $volumes (dict "name" "storage-volume" "persistentVolumeClaim" (dict "claimName" $claim)) }}
{{- end }}
{{- if .Values.webConfiguration }}
{{- $secret := dict "secretName" (include "pushgateway.webSecret" .) }}
{{- $volumes = append $volumes (dict "name" "web-config" "secret" $secret) }}
{{- end }}
{{- with ((.Values.webConfiguration).tls).secretName }}
{{- $volumes = append $volumes (dict "name" "tls" "secret" (dict "secretName" .)) }}
{{- end }}
{{- concat $volumes (.Values.extraVolumes | default list) | toYaml }}
{{- end }}

{{- /* The specification of the claim, for the claim itself and for the template of a StatefulSet. */}}
{{- define "pushgateway.claimSpec" -}}
accessModes:
  {{- toYaml .Values.persistentVolume.accessModes | nindent 2 }}
{{- with .Values.persistentVolume.storageClass }}
storageClassName: {{ eq "-" . | ternary "" . | quote }}
{{- end }}
resources:
  requests:
    storage: {{ .Values.persistentVolume.size | quote }}
{{- end }}

{{- define "pushgateway.checkReplicas" -}}
{{- if and (gt (int .Values.replicaCount) 1) (not .Values.acceptSeparateReplicas) }}
{{- fail (printf "\nreplicaCount is %d, but the replicas of a push gateway share nothing: each push reaches one of them, and each scrape of the Service shows what another one holds. Use one replica (it restarts within seconds, and persistentVolume.enabled keeps its groups), or set acceptSeparateReplicas=true if clients choose a replica themselves." (int .Values.replicaCount)) }}
{{- end }}
{{- end }}

{{- define "pushgateway.checkStrategy" -}}
{{- $surge := ((.Values.strategy).rollingUpdate).maxSurge }}
{{- if kindIs "invalid" $surge }}{{ $surge = "25%" }}{{ end }}
{{- $rolling := eq ((.Values.strategy).type | default "RollingUpdate") "RollingUpdate" }}
{{- if and $rolling (not (has (toString $surge) (list "0" "0%"))) .Values.persistentVolume.enabled (include "pushgateway.persistenceFile" .) }}
{{- fail "\nstrategy.type is RollingUpdate, but a persistence file belongs to one pod at a time: the new one would wait for the old one, and the old one for the new one. Use Recreate, which is the default, or set strategy.rollingUpdate.maxSurge=0." }}
{{- end }}
{{- end }}
