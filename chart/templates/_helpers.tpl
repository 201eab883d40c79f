{{/*
What the templates share. Objects have the same fixed names as in config/: there can be one
installation in a cluster, since its CustomResourceDefinitions exist once.
*/}}

{{/* Fails if values do not go together; what a value alone can be stands in values.schema.json. */}}
{{- define "hosted-control-plane.check" -}}
{{- $certificate := .Values.certificate -}}
{{- if eq $certificate.source "Secret" -}}
{{- if not $certificate.secretName -}}
{{- fail "certificate.source Secret needs certificate.secretName, the Secret with tls.crt and tls.key" -}}
{{- end -}}
{{- if not (contains "-----BEGIN CERTIFICATE-----" $certificate.caBundle) -}}
{{- fail "certificate.source Secret needs certificate.caBundle, in PEM: the certificates that have signed tls.crt; for example --set-file certificate.caBundle=ca.crt" -}}
{{- end -}}
{{- else if or $certificate.secretName $certificate.metricsSecretName $certificate.caBundle -}}
{{- fail "certificate.secretName, certificate.metricsSecretName and certificate.caBundle are for certificate.source Secret, which is CertManager" -}}
{{- end -}}
{{- if and (not .Values.controller.leaderElection) (gt (int .Values.controller.replicas) 1) -}}
{{- fail "controller.leaderElection false needs controller.replicas of at most 1: several would work against each other" -}}
{{- end -}}
{{- range $process := list "controller" "webhook" -}}
{{- range $label := list "control-plane" "cluster.x-k8s.io/provider" -}}
{{- if hasKey (index $.Values $process).podLabels $label -}}
{{- fail (printf "%s.podLabels: %s is set by the chart" $process $label) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Labels of every object. */}}
{{- define "hosted-control-plane.labels" -}}
{{- $labels := dict
  "app.kubernetes.io/managed-by" .Release.Service
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/version" .Chart.AppVersion
  "helm.sh/chart" (printf "%s-%s" .Chart.Name (replace "+" "_" .Chart.Version))
  "cluster.x-k8s.io/provider" "control-plane-hosted-control-plane" -}}
{{- toYaml (merge $labels .Values.commonLabels) -}}
{{- end -}}

{{/*
The objects of a file of config/, of which files/config has copies: in the release's namespace, with
the labels of every object, and in a list, for the caller to change.
*/}}
{{- define "hosted-control-plane.objects" -}}
{{- $root := .root -}}
{{- $path := printf "files/config/%s" .file -}}
{{- $text := $root.Files.Get $path -}}
{{- if not $text -}}
{{- fail (printf "the chart is incomplete: it has no %s" $path) -}}
{{- end -}}
{{- $objects := list -}}
{{- range $document := regexSplit "(?m)^---$" (replace "capi-hosted-control-plane-system" $root.Release.Namespace $text) -1 -}}
{{- $object := fromYaml $document -}}
{{- if not (hasKey $object "kind") -}}
{{- fail (printf "%s cannot be read: %s" $path (toJson $object)) -}}
{{- end -}}
{{- include "hosted-control-plane.adorn" (dict "root" $root "object" $object) -}}
{{- $objects = append $objects $object -}}
{{- end -}}
{{- toJson $objects -}}
{{- end -}}

{{/* Gives an object the labels and annotations that every object has; prints nothing. */}}
{{- define "hosted-control-plane.adorn" -}}
{{- $metadata := .object.metadata -}}
{{- $labels := merge (fromYaml (include "hosted-control-plane.labels" .root)) (default dict $metadata.labels) -}}
{{- $_ := set $metadata "labels" $labels -}}
{{- with merge (default dict $metadata.annotations) .root.Values.commonAnnotations -}}
{{- $_ := set $metadata "annotations" . -}}
{{- end -}}
{{- end -}}

{{/* The objects of a file of config/ as documents. */}}
{{- define "hosted-control-plane.documents" -}}
{{- range $object := fromJsonArray (include "hosted-control-plane.objects" .) }}
---
{{ toYaml $object }}
{{- end }}
{{- end -}}

{{/* A process's image without digest, the reference that every part of the product understands. */}}
{{- define "hosted-control-plane.taggedImage" -}}
{{- $release := fromYaml (.root.Files.Get "files/images.yaml") -}}
{{- $image := .root.Values.image -}}
{{- printf "%s/%s:%s" (default $release.registry $image.registry) .process.image.repository (default $release.tag $image.tag) -}}
{{- end -}}

{{/* A process's image. */}}
{{- define "hosted-control-plane.image" -}}
{{- include "hosted-control-plane.taggedImage" . -}}
{{- with .process.image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* The image of the forwarder of audit events, nothing where it is the one that the controller takes by itself. */}}
{{- define "hosted-control-plane.auditForwarderImage" -}}
{{- $process := .Values.controller -}}
{{- $release := fromYaml (.Files.Get "files/images.yaml") -}}
{{- $released := printf "%s/hosted-control-plane-controller:%s" $release.registry $release.tag -}}
{{- $own := include "hosted-control-plane.taggedImage" (dict "root" . "process" $process) -}}
{{- if $process.auditForwarderImage -}}
{{- $process.auditForwarderImage -}}
{{- else if ne $own $released -}}
{{- $own -}}
{{- end -}}
{{- end -}}

{{/* Labels of a process's pods: "labels" are those that select them. */}}
{{- define "hosted-control-plane.podLabels" -}}
{{- toYaml (merge (dict "cluster.x-k8s.io/provider" "control-plane-hosted-control-plane") .labels .process.podLabels) -}}
{{- end -}}

{{/* Metadata of a Deployment. */}}
{{- define "hosted-control-plane.deploymentMetadata" -}}
{{- $object := dict "metadata" (dict "name" .name "namespace" .root.Release.Namespace "labels" .labels) -}}
{{- include "hosted-control-plane.adorn" (dict "root" .root "object" $object) -}}
{{- toYaml $object.metadata -}}
{{- end -}}

{{/* Environment variables: the list "variables", then what the user adds. */}}
{{- define "hosted-control-plane.env" -}}
{{- $names := list -}}
{{- range .variables -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- range .process.env -}}
{{- if has .name $names -}}
{{- fail (printf "%s.env: %s is set by the chart already, or twice: use the value for it" $.key .name) -}}
{{- end -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- with concat .variables .process.env -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}

{{/* How a process logs, as a list of variables. */}}
{{- define "hosted-control-plane.logVariables" -}}
{{- $variables := list -}}
{{- with .log.format -}}{{- $variables = append $variables (dict "name" "LOG_FORMAT" "value" .) -}}{{- end -}}
{{- with .log.level -}}{{- $variables = append $variables (dict "name" "LOG_LEVEL" "value" .) -}}{{- end -}}
{{- toJson $variables -}}
{{- end -}}

{{/* How both processes serve metrics, as a list of variables. */}}
{{- define "hosted-control-plane.metricsVariables" -}}
{{- $variables := list -}}
{{- if not .Values.metrics.secure -}}{{- $variables = append $variables (dict "name" "METRICS_SECURE" "value" "false") -}}{{- end -}}
{{- toJson $variables -}}
{{- end -}}

{{/* By what a process makes traces, as a list of variables; "service" is its name in them. */}}
{{- define "hosted-control-plane.tracingVariables" -}}
{{- $variables := list -}}
{{- with .root.Values.tracing -}}
{{- if .endpoint -}}
{{- range $variable := list
  (list "JAVA_TOOL_OPTIONS" "-javaagent:/otel/opentelemetry-javaagent.jar")
  (list "OTEL_SERVICE_NAME" $.service)
  (list "OTEL_EXPORTER_OTLP_ENDPOINT" .endpoint)
  (list "OTEL_METRICS_EXPORTER" "none")
  (list "OTEL_LOGS_EXPORTER" "none")
  (list "OTEL_TRACES_SAMPLER" "parentbased_traceidratio")
  (list "OTEL_TRACES_SAMPLER_ARG" (toString .ratio)) -}}
{{- $variables = append $variables (dict "name" (first $variable) "value" (last $variable)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $variables -}}
{{- end -}}

{{/* The Secret that the controller serves metrics with; nothing where it needs none, or signs itself a certificate. */}}
{{- define "hosted-control-plane.metricsSecret" -}}
{{- if .Values.metrics.secure -}}
{{- if eq .Values.certificate.source "Secret" -}}
{{- .Values.certificate.metricsSecretName -}}
{{- else -}}
capi-hosted-control-plane-metrics-certificate
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Where a process's pods may run, and with which images' credentials. */}}
{{- define "hosted-control-plane.placement" -}}
{{- $labels := .labels -}}
{{- $fields := dict -}}
{{- with .process.nodeSelector -}}{{- $_ := set $fields "nodeSelector" . -}}{{- end -}}
{{- with .process.tolerations -}}{{- $_ := set $fields "tolerations" . -}}{{- end -}}
{{- with .process.affinity -}}{{- $_ := set $fields "affinity" . -}}{{- end -}}
{{- with .process.priorityClassName -}}{{- $_ := set $fields "priorityClassName" . -}}{{- end -}}
{{- $constraints := list -}}
{{- range .process.topologySpreadConstraints -}}
{{- $ours := dict "labelSelector" (dict "matchLabels" $labels) "matchLabelKeys" (list "pod-template-hash") -}}
{{- $constraints = append $constraints (ternary . (merge (deepCopy .) $ours) (hasKey . "labelSelector")) -}}
{{- end -}}
{{- with $constraints -}}{{- $_ := set $fields "topologySpreadConstraints" . -}}{{- end -}}
{{- $secrets := list -}}
{{- range .root.Values.image.pullSecrets -}}{{- $secrets = append $secrets (dict "name" .) -}}{{- end -}}
{{- with $secrets -}}{{- $_ := set $fields "imagePullSecrets" . -}}{{- end -}}
{{- with $fields -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}

{{/* The Secret that the webhook serves with. */}}
{{- define "hosted-control-plane.certificateSecret" -}}
{{- if eq .Values.certificate.source "Secret" -}}
{{- .Values.certificate.secretName -}}
{{- else -}}
capi-hosted-control-plane-webhook-service-certificate
{{- end -}}
{{- end -}}
