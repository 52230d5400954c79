{{- define "tree" -}}
{{- range . }}
- name: {{ .name }}
{{- with .children }}
  children: {{- include "tree" . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}
