"""Writes: from a request to a verb of the cluster.

Source: k8s.io/apiserver ``pkg/endpoints/handlers`` (create, update, patch, delete), as recorded from a 1.36 server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gitops_sim.api import bodies, lists, options
from gitops_sim.api.request import Request
from gitops_sim.api.route import Target
from gitops_sim.api.subresources import success
from gitops_sim.cluster.cluster import Cluster
from gitops_sim.cluster.go_text import json_text
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.protocol import PatchType, Propagation
from gitops_sim.cluster.strictness import Level, check_manifest, check_patch
from gitops_sim.cluster.upserts import created_by_update
from gitops_sim.cluster.warnings import deprecation, of_object
from gitops_sim.errors import ApiError, Cause, bad_request, conflict, invalid, not_found
from gitops_sim.objects import Object, get_path, with_path

_PATCHES: dict[str, PatchType] = {
    "application/json-patch+json": "json",
    "application/merge-patch+json": "merge",
    "application/strategic-merge-patch+json": "strategic",
}
_ORPHANED = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set"
    " propagationPolicy=Orphan to suppress this warning"
)
_SHOWN = (("", "Pod"), ("", "Service"), ("", "ServiceAccount"), ("apiextensions.k8s.io", "CustomResourceDefinition"))
"""Kinds of which a deletion answers with the object instead of a Status."""


class Writer:
    """One write request of one user. ``reached`` becomes true when a verb of the cluster is called.

    ``before_write`` may still refuse, by an exception."""

    def __init__(
        self,
        cluster: Cluster,
        request: Request,
        target: Target,
        warnings: list[str],
        before_write: Callable[[], object] | None = None,
    ) -> None:
        self.cluster, self.request, self.target, self.warnings = cluster, request, target, warnings
        self.kind = target.kind
        self.reached = False
        self._before_write = before_write

    def reach(self, dry_run: bool) -> None:
        """A verb of the cluster comes next."""
        if not dry_run and not self.reached:
            if self._before_write is not None:
                self._before_write()
            self.reached = True

    # ------------------------------------------------------------------ create and update

    def create(self) -> tuple[Object, int]:
        chosen = options.write_options(self.request, "CreateOptions")
        obj = self._object(chosen.level, self.kind)
        return self._create(obj, chosen), 201

    def _create(self, obj: Object, chosen: options.WriteOptions) -> Object:
        self.reach(chosen.dry_run)
        try:
            made = self.cluster.create(obj, namespace=self.target.namespace, manager=chosen.manager, dry_run=chosen.dry_run)
        except ApiError as error:
            if error.reason == "AlreadyExists":  # which the store says, of an object that is good
                self.warnings += of_object(self.kind, obj)
            raise
        self.warnings += of_object(self.kind, obj)
        return made

    def update(self) -> tuple[Object, int]:
        chosen = options.write_options(self.request, "UpdateOptions")
        if self.target.subresource == "scale":
            return self._update_scale(chosen), 200
        obj = self._placed(self._object(chosen.level, self.kind))
        if self.cluster.find(self.kind, self.target.name, self.target.namespace) is None:
            if self.target.subresource or not created_by_update(self.kind):
                raise not_found(self.kind.plural, self.target.name, self.kind.group)
            self.cluster.authorize("create", self.kind, self.target.name, self.target.namespace)
            return self._create(obj, chosen), 201
        if self.kind.custom and not get_path(obj, ("metadata", "resourceVersion")):
            cause = Cause("metadata.resourceVersion", "Invalid value: 0: must be specified for an update")
            raise invalid(self.kind.plural, self.target.name, [cause], self.kind.group)
        self.reach(chosen.dry_run)
        kept = self.cluster.update(obj, subresource=self.target.subresource, manager=chosen.manager, dry_run=chosen.dry_run)
        self.warnings += of_object(self.kind, obj)
        return kept, 200

    def _update_scale(self, chosen: options.WriteOptions) -> Object:
        body, _ = bodies.read_object(self.request, "Scale")
        if not isinstance(body, Mapping):
            raise bad_request("the object provided is unrecognized (must be of type Scale)")
        meta = body.get("metadata")
        name = meta.get("name") if isinstance(meta, Mapping) else None
        self._check_name(name)
        version = get_path(body, ("metadata", "resourceVersion"))
        patch: Object = {"spec": {"replicas": get_path(body, ("spec", "replicas"), 0)}}
        if version:
            patch = with_path(patch, ("metadata", "resourceVersion"), version)
        return self._patch(patch, "merge", chosen)

    def _object(self, level: Level, kind: Kind) -> Object:
        body, doubled = bodies.read_object(self.request, kind.kind, kind)
        obj = bodies.identified(self.cluster, body, kind)
        if doubled and level == "Strict":
            version = kind.version
            why = ", ".join(doubled)
            raise bad_request(
                f'{kind.kind} in version "{version}" cannot be handled as a {kind.kind}: strict decoding error: {why}'
            )
        if level != "Ignore":
            self.warnings += doubled
        self.warnings.append(deprecation(kind))
        self.warnings += check_manifest(kind, obj, level)
        return obj

    def _placed(self, obj: Object) -> Object:
        """The object with the name and the namespace of the path, which its own must not contradict."""
        meta = obj.get("metadata")
        meta = dict(meta) if isinstance(meta, Mapping) else {}
        self._check_name(meta.get("name"))
        namespace = meta.get("namespace")
        if self.kind.namespaced:
            if namespace not in (None, "", self.target.namespace):
                raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
            meta["namespace"] = self.target.namespace
        return {**obj, "metadata": {**meta, "name": self.target.name}}

    def _check_name(self, name: Any) -> None:
        if name in (None, ""):
            raise bad_request(
                f"the name of the object ({self.target.name} based on URL) was undeterminable: name must be provided"
            )
        if name != self.target.name:
            raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({self.target.name})")

    # ------------------------------------------------------------------ patch

    def patch(self) -> tuple[Object, int]:
        chosen = options.write_options(self.request, "PatchOptions")
        if self.request.content_type == options.APPLY:
            return self._apply(chosen)
        type_ = _PATCHES.get(self.request.content_type)
        if type_ is None or (type_ == "strategic" and self.kind.custom):
            known = [name for name, patch in _PATCHES.items() if patch != "strategic" or not self.kind.custom]
            raise bodies.unsupported(", ".join([*known, options.APPLY]))
        doubled: list[str] = []
        try:
            body = bodies.read_json(self.request.body, doubled)
        except bodies.Unreadable as error:
            raise bad_request(f"error decoding patch: {error}") from None
        if chosen.level == "Warn":
            self.warnings += doubled
        strict = chosen.level == "Strict"
        misspelled = [*(doubled if strict else ()), *(_unknown_members(body) if type_ == "json" and strict else ())]
        if misspelled:
            shown = json_text(json_text(body))
            causes = [Cause("patch", f"Invalid value: {shown}: strict decoding error: {', '.join(misspelled)}")]
            raise invalid("", "", causes)
        if not self.target.subresource:
            current = self.cluster.get(self.kind, self.target.name, self.target.namespace)
            self.warnings.append(deprecation(self.kind))
            self.warnings += check_patch(self.kind, current, body, type_, chosen.level)
        return self._patch(body, type_, chosen), 200

    def _patch(self, body: Any, type_: PatchType, chosen: options.WriteOptions) -> Object:
        self.reach(chosen.dry_run)
        kept = self.cluster.patch(
            self.kind,
            self.target.name,
            self.target.namespace,
            body,
            type=type_,
            subresource=self.target.subresource,
            manager=chosen.manager,
            dry_run=chosen.dry_run,
        )
        if not self.target.subresource:
            self.warnings += of_object(self.kind, kept)
        return kept

    def _apply(self, chosen: options.WriteOptions) -> tuple[Object, int]:
        try:
            config = bodies.read_yaml(self.request.body)
        except bodies.Unreadable as error:
            raise bad_request(f"error decoding YAML: {error}") from None
        there = self.cluster.find(self.kind, self.target.name, self.target.namespace) is not None
        self.warnings.append(deprecation(self.kind))
        self.reach(chosen.dry_run)
        applied = self.cluster.apply(
            self.kind,
            self.target.name,
            self.target.namespace,
            config,
            manager=chosen.manager,
            force=chosen.force,
            subresource=self.target.subresource,
            dry_run=chosen.dry_run,
        )
        if not self.target.subresource:
            self.warnings += of_object(self.kind, applied)
        return applied, 200 if there else 201

    # ------------------------------------------------------------------ delete

    def delete(self) -> Object:
        chosen = options.delete_options(self.request)
        current = self.cluster.get(self.kind, self.target.name, self.target.namespace)
        self._check_conditions(current, chosen)
        return self._answer(current, self._delete(current, chosen), chosen)

    def delete_all(self) -> tuple[list[Object], dict[str, Any]]:
        """The objects as they were, and the metadata of the list that holds them."""
        chosen = options.delete_options(self.request)
        found, meta = lists.page(self.cluster, self.target, options.list_options(self.request, watch=False))
        for obj in found:
            self._delete(obj, chosen)
        return found, meta

    def _delete(self, obj: Object, chosen: options.DeleteOptions) -> Object:
        self.reach(chosen.dry_run)
        meta = obj["metadata"]
        return self.cluster.delete(
            self.kind,
            meta["name"],
            meta.get("namespace") or "",
            propagation=self._propagation(chosen.propagation),
            grace_period=chosen.grace_period,
            dry_run=chosen.dry_run,
        )

    def _propagation(self, asked: Propagation | None) -> Propagation:
        if asked is None and (self.kind.group, self.kind.kind) == ("batch", "Job"):
            self.warnings.append(_ORPHANED)
            return "Orphan"
        return asked or "Background"

    def _answer(self, before: Object, last: Object, chosen: options.DeleteOptions) -> Object:
        kind, meta = self.kind, before["metadata"]
        left = (
            None if chosen.dry_run else self.cluster.store.get(self.cluster.key(kind, meta["name"], meta.get("namespace") or ""))
        )
        pending = left is not None and left["metadata"]["uid"] == meta["uid"]
        if pending or (kind.group, kind.kind) in _SHOWN:
            return last
        group = {"group": kind.group} if kind.group else {}
        return success(details={"name": meta["name"], **group, "kind": kind.plural, "uid": meta["uid"]})

    def _check_conditions(self, current: Object, chosen: options.DeleteOptions) -> None:
        meta = current["metadata"]
        for word, sent, own in (("UID", chosen.uid, meta["uid"]), ("ResourceVersion", chosen.version, meta["resourceVersion"])):
            if sent and sent != own:
                why = f"the {word} in the precondition ({sent}) does not match the {word} in record ({own}). "
                happened = "deleted and then recreated" if word == "UID" else "modified"
                raise conflict(self.kind.kind, meta["name"], self.kind.group, why=f"{why}The object might have been {happened}")


def _unknown_members(patch: Any) -> list[str]:
    """What the operations of a JSON patch hold besides what they may."""
    known = ("op", "path", "from", "value")
    return [
        f'json patch unknown field "[{index}].{name}"'
        for index, operation in enumerate(patch if isinstance(patch, list) else ())
        if isinstance(operation, Mapping)
        for name in operation
        if name not in known
    ]
