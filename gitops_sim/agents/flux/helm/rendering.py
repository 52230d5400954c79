"""From a chart to what Helm keeps and applies: the manifest and the hooks of a release, post-rendered as Flux does it.

Source: helm ``pkg/action/action.go`` (renderResources) and helm-controller ``internal/postrender``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from random import Random
from typing import Any

from gitops_sim.agents.flux.helm.helmrelease import GROUP, HelmRelease
from gitops_sim.agents.flux.normalize import with_common
from gitops_sim.clock import EPOCH, Clock
from gitops_sim.cluster.controllers.nodes import VERSION
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.manifests import kustomize
from gitops_sim.manifests.helm import Capabilities, Chart, Hook, Release, RenderedChart, Values, render_chart
from gitops_sim.manifests.helm.numbers import floats
from gitops_sim.manifests.kustomize import KustomizeError
from gitops_sim.manifests.manifest import load_manifests
from gitops_sim.objects import Object, with_path, without_path
from gitops_sim.yaml_out import dump_yaml

_FILE = "postrenderer.helm.sh/postrender-filename"
HOOK = "helm.sh/hook"


class RenderError(Exception):
    """``message`` as Helm puts it; ``mend`` is the way out."""

    def __init__(self, message: str, mend: str, where: str = "") -> None:
        super().__init__(message)
        self.message, self.mend, self.where = message, mend, where


def rendered(
    app: HelmRelease, chart: Chart, values: Values, cluster: ClusterAPI, clock: Clock, *, version: int, validate: bool
) -> dict[str, Any]:
    """``manifest``, ``hooks`` and ``notes`` of a new revision; the first one is an install. Raises RenderError."""
    kinds = cluster.kinds.served()
    versions = [f"{kind.group}/{kind.version}" if kind.group else kind.version for kind in kinds]
    names = [f"{api}/{kind.kind}" for api, kind in zip(versions, kinds, strict=True)]
    try:
        made = render_chart(
            chart,
            Release(app.release_name, app.namespace, version, version > 1),
            values,
            Capabilities(VERSION, [*dict.fromkeys(versions), *names], only=True),
            lookup=Lookup(cluster),
            now=EPOCH + timedelta(seconds=clock.now),
            chance=Random(f"helm/{app.namespace}/{app.release_name}/{version}"),
            validate=validate,
        )
        files = _files(app, made)
    except KustomizeError as error:
        text = f"error while running post render on files: {error.what}"
        raise RenderError(text, "mend spec.postRenderers", error.where) from None
    except BadInput as error:
        raise RenderError(error.what, error.mend, error.where) from None
    by_file = {(hook.manifest.file, hook.manifest.name): hook for hook in made.hooks}
    hooks = []
    for file, obj in files:
        hook = by_file.get((file, obj["metadata"].get("name", "")))
        if HOOK in (obj["metadata"].get("annotations") or {}) and hook is not None:
            hooks.append(_hook_data(hook, obj))
    plain = [(file, obj) for file, obj in files if HOOK not in (obj["metadata"].get("annotations") or {})]
    manifest = "".join(f"---\n# Source: {file}\n{dump_yaml(obj)}" for file, obj in plain)
    return {"manifest": manifest, "hooks": hooks, "notes": made.notes}


@lru_cache(maxsize=128)
def objects_in(manifest: str) -> tuple[Object, ...]:
    """The objects in the manifest of a release. Raises BadInput."""
    return tuple(found.object for found in load_manifests(manifest, where="manifest"))


class Lookup:
    """What ``lookup`` in a template finds: ``apiVersion, kind, namespace, name`` to one object, without a name to all."""

    def __init__(self, cluster: ClusterAPI) -> None:
        self._cluster = cluster

    def __call__(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any]:
        group = api_version.rpartition("/")[0]
        known = self._cluster.kinds.of(group, kind)
        if known is None or known.guessed:
            return {}
        try:
            if name:
                found = self._cluster.find(known, name, namespace)
                return dict(floats(found)) if found is not None else {}
            items = [floats(obj) for obj in self._cluster.list(known, namespace)]
        except ApiError as error:
            raise BadInput(error.message, mend="give the ServiceAccount the right to read it") from None
        return {"apiVersion": api_version, "kind": f"{kind}List", "items": items}


# ---------------------------------------------------------------------- inside


def _files(app: HelmRelease, made: RenderedChart) -> list[tuple[str, Object]]:
    """Every object with the template that it comes from, after all post-renderers: the last one says whose the objects are."""
    found = [(m.file, m.text) for m in made.manifests] + [(h.manifest.file, h.manifest.text) for h in made.hooks]
    files = [(file, one.object) for file, text in found for one in load_manifests(text, where=file)]
    hooks = [pair for pair in files if app.hooks_unchanged and HOOK in (pair[1]["metadata"].get("annotations") or {})]
    changed = [pair for pair in files if pair not in hooks]
    for renderer in app.post_renderers:
        changed = _kustomized(changed, renderer.get("kustomize") or {})
    labels = {f"{GROUP}/name": app.name, f"{GROUP}/namespace": app.key.namespace}
    common: Mapping[str, Mapping[str, str]] = app.common
    done = []
    for file, obj in changed:
        obj = with_common(obj, common.get("labels") or {}, common.get("annotations") or {})
        done.append((file, with_common(obj, labels, {})))
    return done + hooks


def _kustomized(files: Sequence[tuple[str, Object]], renderer: Mapping[str, Any]) -> list[tuple[str, Object]]:
    """What kustomize makes of them; each remembers its file on the way."""
    marked = [with_path(obj, ("metadata", "annotations", _FILE), file) for file, obj in files]
    settings = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["helm-output.yaml"],
        "images": [dict(image) for image in renderer.get("images") or ()],
        "patches": [dict(patch) for patch in renderer.get("patches") or ()],
    }
    texts = {
        "helm-output.yaml": "---\n".join(map(dump_yaml, marked)).encode(),
        "kustomization.yaml": dump_yaml(settings).encode(),
    }
    made = []
    for obj in kustomize.build(_Memory(texts)).objects:
        file = str(obj["metadata"]["annotations"][_FILE])
        made.append((file, without_path(obj, ("metadata", "annotations", _FILE), prune_empty=True)))
    return made


class _Memory:
    """Files in memory."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self._texts = texts

    def files(self) -> list[str]:
        return sorted(self._texts)

    def read(self, path: str) -> bytes:
        return self._texts[path]

    def size(self, path: str) -> int:
        return len(self._texts[path])


def _hook_data(hook: Hook, obj: Object) -> dict[str, Any]:
    """A hook as a release keeps it."""
    data = {
        "delete_policies": list(hook.delete_policies),
        "output_log_policies": list(hook.output_log_policies),
        "weight": hook.weight,
    }
    return {
        "events": list(hook.events),
        "kind": obj["kind"],
        "last_run": {"phase": ""},
        "manifest": dump_yaml(obj),
        "name": obj["metadata"].get("name", ""),
        "path": hook.manifest.file,
        **{name: value for name, value in data.items() if value},
    }
