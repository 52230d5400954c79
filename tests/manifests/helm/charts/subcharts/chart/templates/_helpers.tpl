{{ define "shared.name" }}outer-{{ .Chart.Name }}{{ end }}
