"""``kubectl patch``.

Source: k8s.io/kubectl ``pkg/cmd/patch``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from gitops_sim.cluster import merge
from gitops_sim.cluster.go_text import json_problem, quoted, yaml_problem
from gitops_sim.cluster.protocol import PatchType
from gitops_sim.errors import ApiError, BadInput, GitOpsSimError, bad_request
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl import requests
from gitops_sim.kubectl.changes import each
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for, read_text
from gitops_sim.kubectl.problems import KubectlError, raise_all
from gitops_sim.kubectl.resources import Query, look_up
from gitops_sim.kubectl.surrogates import whole
from gitops_sim.objects import Object
from gitops_sim.yaml_in import load_document

_TYPES: dict[str, PatchType] = {"json": "json", "merge": "merge", "strategic": "strategic"}
_MEDIA = {
    "json": "application/json-patch+json",
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
}


def patch(inv: Invocation) -> None:
    """Changes fields of objects, as the patch says."""
    body, kind = _body(inv), inv["type"].lower()
    found = look_up(inv, Query(inv.args, fetch="lazy"))
    errors: list[GitOpsSimError] = list(found.errors)
    if not found.infos:
        raise_all(errors)
        raise KubectlError("no objects passed to patch")

    def change(info: Info) -> None:
        nonlocal body
        body = body.read() if isinstance(body, _Json) else body
        patched = _locally(info, body, kind) if inv.dry_run == "client" else _on_server(inv, info, body, kind)
        printer_for(inv, "patched" if patched != info.object else "patched (no change)", note=False)(patched)

    each(found.infos, errors, change)
    raise_all(errors)


def _body(inv: Invocation) -> Any:
    if inv["patch"] and inv["patch-file"]:
        raise KubectlError("cannot specify --patch and --patch-file together")
    if not inv["patch"] and not inv["patch-file"]:
        raise KubectlError("must specify --patch or --patch-file containing the contents of the patch")
    if inv["local"]:
        raise KubectlError("--local is not built in: use --dry-run=client")
    if inv["type"].lower() not in _TYPES:
        raise KubectlError(f"--type must be one of [json merge strategic], not {quoted(inv['type'])}")
    text = inv["patch"] or read_text(inv, inv["patch-file"], "unable to read patch file: ")
    if text.lstrip().startswith("{"):
        return _Json(text)
    try:
        return load_document(text, where="patch")
    except BadInput as error:
        raise KubectlError(f"unable to parse {quoted(inv['patch'])}: {yaml_problem(text, error)}") from None


class _Json:
    """A patch that goes to the server as it stands: only there is it read."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self) -> Any:
        try:
            return whole(json.loads(self._text))
        except json.JSONDecodeError as error:
            raise bad_request(f"error decoding patch: {json_problem(self._text, error)}") from None
        except (ValueError, RecursionError):
            raise bad_request("error decoding patch: exceeded max depth") from None


def _on_server(inv: Invocation, info: Info, body: Any, kind: str) -> Object:
    try:
        patched = requests.patch(inv, info, body, _TYPES[kind], subresource=inv["subresource"])
        return requests.note(inv, info, patched)
    except ApiError as error:
        if error.code == 415:
            version = f"{info.kind.api_version}, Kind={info.kind.kind}"
            raise KubectlError(f"{_MEDIA[kind]} is not supported by {version}: {error}") from None
        raise


def _locally(info: Info, body: Any, kind: str) -> Object:
    if kind == "strategic" and info.kind.custom:
        version = f"{info.kind.api_version}, Kind={info.kind.kind}"
        raise KubectlError(f"strategic merge patch is not supported for {version} locally, try --type merge")
    merged: Any
    if kind == "json":
        merged = merge.json_patch(info.object, body)
    else:
        merged = (merge.merge_patch if kind == "merge" else partial(merge.strategic_merge, info.kind))(info.object, body)
    if not isinstance(merged, Mapping) or not isinstance(merged.get("metadata"), Mapping):
        raise KubectlError("the patch leaves no object")
    return merged


COMMANDS = (
    Command(
        "patch",
        patch,
        "Change fields of an object",
        "(TYPE NAME | TYPE/NAME ... | -f FILE) -p PATCH",
        (
            *flags.PRINT,
            *flags.FILENAME,
            flags.DRY_RUN,
            flags.FIELD_MANAGER,
            flags.LOCAL,
            flags.RECORD,
            flags.SUBRESOURCE,
            Flag("patch", short="p", about="the patch, as JSON or YAML"),
            Flag("patch-file", about="a file with the patch"),
            Flag("type", default="strategic", about="strategic, merge or json"),
        ),
        example="""kubectl patch deployment web -p '{"spec": {"replicas": 2}}'""",
    ),
)
