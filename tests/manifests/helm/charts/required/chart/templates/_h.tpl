{{- define "image" -}}
{{ required "set image.tag: the version to run" (.Values.image).tag }}
{{- end }}
