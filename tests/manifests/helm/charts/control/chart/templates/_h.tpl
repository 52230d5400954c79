{{/* a comment
over lines */}}
{{- define "user" -}}
{{- $name := .name -}}
{{ $name | quote }}{{ if .admin }} # admin{{ end }}
{{- end -}}
{{ define "scope" }}{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $y := 3 }}{{ $y }}{{ end }}{{ $x }}{{ end }}
