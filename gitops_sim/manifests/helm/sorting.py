"""From rendered files to what is applied: documents in the order of installing, hooks apart.

Source: helm ``pkg/release/v1/util`` (``manifest_sorter.go``, ``kind_sorter.go``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.manifests.helm.go_yaml import yaml_words
from gitops_sim.manifests.helm.metadata import spelled_scalar
from gitops_sim.yaml_in import load_document

INSTALL_ORDER = (
    *("PriorityClass", "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy", "PodDisruptionBudget"),
    *("ServiceAccount", "Secret", "SecretList", "ConfigMap", "StorageClass", "PersistentVolume", "PersistentVolumeClaim"),
    *("CustomResourceDefinition", "ClusterRole", "ClusterRoleList", "ClusterRoleBinding", "ClusterRoleBindingList", "Role"),
    *("RoleList", "RoleBinding", "RoleBindingList", "Service", "DaemonSet", "Pod", "ReplicationController", "ReplicaSet"),
    *("Deployment", "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob", "IngressClass", "Ingress", "APIService"),
    *("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"),
)
"""Kinds in the order in which they are installed; others come last, by name."""
_RANK = {kind: rank for rank, kind in enumerate(INSTALL_ORDER)}
_SEPARATOR = re.compile(r"^---[ \t]*", re.MULTILINE)
_WEIGHT = re.compile(r"[-+]?\d+\Z")
_EVENTS = (
    *("pre-install", "post-install", "pre-delete", "post-delete", "pre-upgrade", "post-upgrade", "pre-rollback", "post-rollback"),
    "test",
)


@dataclass(frozen=True, slots=True)
class RenderedManifest:
    """One document: the template file that it comes from, its text, its content (any YAML mapping), and its kind."""

    file: str
    text: str
    content: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.content.get("kind") or "")

    @property
    def name(self) -> str:
        return str((self.content.get("metadata") or {}).get("name") or "")


@dataclass(frozen=True, slots=True)
class Hook:
    """A document that runs at ``events`` of a release's life, lighter ``weight`` first, and is deleted as ``delete_policies`` say
    (``before-hook-creation`` when there are none)."""

    manifest: RenderedManifest
    events: tuple[str, ...]
    weight: int
    delete_policies: tuple[str, ...]
    output_log_policies: tuple[str, ...]


def sort_manifests(files: Mapping[str, str]) -> tuple[list[RenderedManifest], list[Hook]]:
    """The documents of rendered files in install order, and the hooks. Hooks of unknown events are dropped, as helm does.

    Raises BadInput for what is no YAML.
    """
    manifests: list[RenderedManifest] = []
    hooks: list[Hook] = []
    for file in sorted(files):
        if file.rpartition("/")[2].startswith("_") or not files[file].strip():
            continue
        for text in split_documents(files[file]):
            manifest = RenderedManifest(file, text, _read(text, file))
            said = _annotations(manifest).get("helm.sh/hook")
            if said is None:
                manifests.append(manifest)
                continue
            hook = _hook(manifest, said)
            if hook:
                hooks.append(hook)
    return sorted(manifests, key=lambda m: _order(m.kind)), sorted(hooks, key=lambda h: _order(h.manifest.kind))


def split_documents(text: str) -> list[str]:
    """The documents of a YAML text that are not blank, each without the line that starts it."""
    return [document.lstrip() for document in _SEPARATOR.split(text.lstrip()) if document.strip()]


def _order(kind: str) -> tuple[int, str]:
    return (_RANK[kind], "") if kind in _RANK else (len(_RANK), kind)


def _read(text: str, file: str) -> Mapping[str, Any]:
    try:
        value = load_document(text, where=file, last_wins=True)
    except BadInput as error:
        what = f"YAML parse error on {file}: {yaml_words(error)}"
        raise BadInput(what, where=error.where, mend=f"{error.mend}; the line counts in what the template writes") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        kind = "array" if isinstance(value, list) else "string" if isinstance(value, str) else "number"
        what = f"json: cannot unmarshal {kind} into Go value of type util.SimpleHead"
        what = f"YAML parse error on {file}: error unmarshaling JSON: while decoding JSON: {what}"
        raise BadInput(what, where=file, mend="a manifest is a mapping with apiVersion, kind and metadata")
    return value


def _annotations(manifest: RenderedManifest) -> Mapping[str, str]:
    meta = manifest.content.get("metadata")
    found = meta.get("annotations") if isinstance(meta, dict) else None
    texts: dict[str, str] = {}
    for key, value in found.items() if isinstance(found, dict) else ():
        if isinstance(value, dict | list):
            kind = "object" if isinstance(value, dict) else "array"
            what = f"json: cannot unmarshal {kind} into Go struct field .metadata.annotations of type string"
            what = f"YAML parse error on {manifest.file}: error unmarshaling JSON: while decoding JSON: {what}"
            raise BadInput(what, where=manifest.file, mend=f"the value of {key} is a text: pipe it through toJson and quote")
        texts[key] = "" if value is None else value if isinstance(value, str) else spelled_scalar(value)
    return texts


def _hook(manifest: RenderedManifest, said: str | None) -> Hook | None:
    names = _list(said or "")
    events = ["test" if name == "test-success" else name for name in names]
    if not set(events) <= set(_EVENTS):
        return None
    annotations = _annotations(manifest)
    weight = annotations.get("helm.sh/hook-weight") or "0"
    return Hook(
        manifest,
        tuple(events),
        int(weight) if _WEIGHT.match(weight) else 0,
        tuple(_list(annotations.get("helm.sh/hook-delete-policy"))),
        tuple(_list(annotations.get("helm.sh/hook-output-log-policy"))),
    )


def _list(text: str | None) -> list[str]:
    return [] if text is None else [part.strip().lower() for part in text.split(",")]
