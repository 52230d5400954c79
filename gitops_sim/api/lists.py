"""Lists: selectors, pages, and the version that they show.

Source: k8s.io/apiserver ``pkg/storage/continue.go`` and ``pkg/storage/etcd3/store.go``.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from gitops_sim.api.options import ListOptions, revision_of
from gitops_sim.api.request import Request
from gitops_sim.api.route import Target
from gitops_sim.cluster import selectors, versions
from gitops_sim.cluster.cluster import Cluster
from gitops_sim.cluster.kinds import Kind
from gitops_sim.errors import ApiError, bad_request
from gitops_sim.objects import Object

KEPT = 10_000
"""So many changes back a version can still be asked for; older ones are gone, as after a compaction of etcd."""
_TOKEN = "meta.k8s.io/v1"


def selection(kind: Kind, options: ListOptions, name: str = "") -> Callable[[Object], bool]:
    """Whether an object is meant. Raises ApiError 400 for a selector that cannot be read."""
    by_labels = selectors.label_selector(options.labels) if options.labels else None
    by_fields = selectors.field_selector(kind, options.fields) if options.fields else None

    def selected(obj: Object) -> bool:
        return (
            (not name or obj["metadata"]["name"] == name)
            and (by_labels is None or by_labels(obj))
            and (by_fields is None or by_fields(obj))
        )

    return selected


def page(cluster: Cluster, target: Target, options: ListOptions) -> tuple[list[Object], dict[str, Any]]:
    """The objects asked for, and the metadata of the list that holds them."""
    kind, store = target.kind, cluster.store
    if options.token and options.version not in ("", "0"):
        raise bad_request("specifying resource version is not allowed when using continue")
    start, revision = _continued(cluster, options.token) if options.token else ("", _revision(cluster, options))
    if revision is None:
        revision = store.revision
        found = cluster.list(kind, target.namespace, labels=options.labels, fields=options.fields)
    else:
        selected = selection(kind, options)
        namespace = target.namespace if kind.namespaced else ""
        stored = kind.stored or kind
        found = store.at_revision(revision).list(stored.group, stored.kind, namespace)
        found = [obj for obj in (versions.seen(kind, obj) if kind.stored else obj for obj in found) if selected(obj)]
    if start:
        found = [obj for obj in found if _place(target, obj) >= start]
    meta: dict[str, Any] = {"resourceVersion": str(revision)}
    limit = options.limit if options.version != "0" else 0
    if limit and len(found) > limit:
        meta["continue"] = _token(revision, _place(target, found[limit - 1]) + "\0")
        if not options.labels and not options.fields:
            meta["remainingItemCount"] = len(found) - limit
        found = found[:limit]
    return found, meta


def _place(target: Target, obj: Object) -> str:
    """Where an object stands in the order of the list."""
    meta = obj["metadata"]
    return meta["name"] if target.namespace or not target.kind.namespaced else f"{meta.get('namespace', '')}/{meta['name']}"


def _revision(cluster: Cluster, options: ListOptions) -> int | None:
    """The version that must be shown; None for the present one."""
    if options.version in ("", "0"):
        return None
    wanted = revision_of(options.version)
    if wanted is None:
        why = (
            f'resourceVersion: Invalid value: "{options.version}": strconv.ParseUint: parsing "{options.version}": invalid syntax'
        )
        raise bad_request(f"invalid resource version: {why}")
    check_not_future(cluster, wanted)
    if options.match == "Exact" or (options.limit and not options.match):
        if wanted < oldest(cluster):
            raise ApiError(410, "Expired", "The resourceVersion for the provided list is too old.")
        return wanted
    return None


def check_not_future(cluster: Cluster, wanted: int) -> None:
    """Raises ApiError 504 for a version that is not there yet."""
    now = cluster.store.revision
    if wanted > now:
        causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
        text = f"Timeout: Too large resource version: {wanted}, current: {now}"
        raise ApiError(504, "Timeout", text, details={"causes": causes, "retryAfterSeconds": 1})


def oldest(cluster: Cluster) -> int:
    """The oldest version that can still be asked for."""
    return max(cluster.born, cluster.store.revision - KEPT)


def _token(revision: int, start: str) -> str:
    text = json.dumps({"v": _TOKEN, "rv": revision, "start": start}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _continued(cluster: Cluster, token: str) -> tuple[str, int | None]:
    """Where to go on, and in which version. Raises ApiError 400 for what is no token, 410 for one that is too old."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise _bad_token("illegal base64 data at input byte 0") from None
    try:
        data = json.loads(raw.decode("utf-8"))
    except ValueError:
        first = f"{raw[0]:#04x}"[2:] if raw else ""
        shown = chr(raw[0]) if raw and 0x20 <= raw[0] < 0x7F else f"\\u00{first}"
        raise _bad_token(
            f"invalid character '{shown}' looking for beginning of value" if raw else "unexpected end of JSON input"
        ) from None
    if not isinstance(data, dict) or data.get("v") != _TOKEN:
        raise bad_request("continue key is not valid: server does not recognize this encoded version")
    start, revision = data.get("start"), data.get("rv")
    if not isinstance(start, str) or not start or not isinstance(revision, int) or isinstance(revision, bool) or revision == 0:
        raise _bad_token("incorrect encoded start resourceVersion")
    if revision < 0:
        return start, None
    if not oldest(cluster) <= revision <= cluster.store.revision:
        raise _expired(_token(-1, start))
    return start, revision


def _bad_token(why: str) -> ApiError:
    return bad_request(f"invalid continue token: continue key is not valid: {why}")


class _Expired(ApiError):
    """It carries a token with which the rest can be had from the present version."""

    def __init__(self, token: str) -> None:
        super().__init__(410, "Expired", _TOO_OLD)
        self._token = token

    def status(self) -> dict[str, Any]:
        return {**super().status(), "metadata": {"continue": self._token}}


def _expired(token: str) -> ApiError:
    return _Expired(token)


_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the "
    "continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with "
    "the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the "
    "first chunk was returned and now may show up in the list."
)


def is_watch(request: Request, target: Target) -> bool:
    """A watch of a single object is asked for by a field selector; ``watch=true`` on a name is a plain GET."""
    return target.watch or (not target.name and request.flag("watch"))
