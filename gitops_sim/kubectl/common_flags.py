"""Flags and hints that several commands share."""

from __future__ import annotations

from gitops_sim.kubectl.flags import Flag

LIST_TYPES = 'Use "kubectl api-resources" for a complete list of supported resources.'

GLOBAL = (
    Flag("namespace", short="n", about="the namespace of this request"),
    Flag("context", about="the cluster to talk to; there is one"),
    Flag("as", about="the user to act as"),
    Flag("as-group", "array"),
    Flag("as-uid"),
    Flag("as-user-extra", "array"),
    Flag("cache-dir"),
    Flag("certificate-authority"),
    Flag("client-certificate"),
    Flag("client-key"),
    Flag("cluster"),
    Flag("disable-compression", "bool"),
    Flag("insecure-skip-tls-verify", "bool"),
    Flag("kubeconfig"),
    Flag("kuberc"),
    Flag("log-flush-frequency", "duration"),
    Flag("match-server-version", "bool"),
    Flag("profile"),
    Flag("profile-output"),
    Flag("request-timeout"),
    Flag("server", short="s"),
    Flag("tls-server-name"),
    Flag("token"),
    Flag("user"),
    Flag("v", "int", short="v"),
    Flag("vmodule"),
    Flag("warnings-as-errors", "bool"),
    Flag("help", "bool", short="h", about="how to use this command"),
)
"""Accepted by every command. How to reach and to authenticate to a server means nothing here."""

FILENAME = (
    Flag("filename", "list", short="f", about="a file, a folder or - for standard input; may be given several times"),
    Flag("kustomize", short="k", about="a folder with a kustomization"),
    Flag("recursive", "bool", short="R", about="take the folders below it, too"),
)
SELECTOR = Flag("selector", short="l", about="only objects with these labels: app=web,tier in (a,b),!old")
FIELD_SELECTOR = Flag("field-selector", about="only objects with these fields: status.phase=Running")
ALL_NAMESPACES = Flag("all-namespaces", "bool", short="A", about="in all namespaces")
ALL = Flag("all", "bool", about="all objects of these types")
DRY_RUN = Flag("dry-run", default="none", bare="unchanged", about="client or server: only show what would happen")
VALIDATE = Flag("validate", default="strict", bare="strict", about="strict, warn or ignore")
FIELD_MANAGER = Flag("field-manager")
LOCAL = Flag("local", "bool")
RECORD = Flag("record", "bool")
SAVE_CONFIG = Flag("save-config", "bool", about="note the configuration in an annotation, for kubectl apply")
CHUNK_SIZE = Flag("chunk-size", "int", default=500)
SUBRESOURCE = Flag("subresource", about="status or scale")
TIMEOUT = Flag("timeout", "duration", about="how long to wait: 30s, 5m")
IGNORE_NOT_FOUND = Flag("ignore-not-found", "bool", about="an object that is not there is no error")
PRINT = (
    Flag("output", short="o", about="json, yaml, name, jsonpath=..., go-template=..."),
    Flag("template"),
    Flag("allow-missing-template-keys", "bool", default=True),
    Flag("show-managed-fields", "bool"),
)
