{{ define "shared.name" }}db-{{ .Chart.Name }}{{ end }}
{{ define "db.only" }}only-{{ .Chart.Name }}{{ end }}
