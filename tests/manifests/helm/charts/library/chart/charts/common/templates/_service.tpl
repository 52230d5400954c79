{{- define "common.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
  labels:
    chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version | replace "+" "_" }}
spec:
  ports:
  {{- range .ports }}
  - port: {{ . }}
  {{- end }}
{{- end -}}
