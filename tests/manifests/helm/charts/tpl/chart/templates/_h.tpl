{{ define "tpl.name" }}{{ .Chart.Name }}-{{ .Release.Name }}{{ end }}
