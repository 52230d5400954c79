"""``kubectl version``, ``api-resources``, ``config`` and ``top``: about the cluster as a whole.

Source: k8s.io/kubectl ``pkg/cmd/version``, ``pkg/cmd/apiresources``, ``pkg/cmd/config`` and ``pkg/cmd/top``.
"""

from __future__ import annotations

from typing import Any

from gitops_sim.cluster.controllers.nodes import VERSION
from gitops_sim.cluster.go_text import json_text
from gitops_sim.cluster.kinds import Kind
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.problems import KubectlError, usage
from gitops_sim.kubectl.tabwriter import align
from gitops_sim.yaml_sorted import to_yaml

KUSTOMIZE = "v5.8.1"


def version(inv: Invocation) -> None:
    """Says which version this kubectl speaks like, and which the cluster behaves like."""
    if inv.args:
        raise KubectlError(f"extra arguments: [{' '.join(inv.args)}]")
    output = inv["output"]
    if output not in ("", "yaml", "json"):
        raise KubectlError("--output must be 'yaml' or 'json'")
    major, minor, _ = VERSION.removeprefix("v").split(".")
    number = {"gitVersion": VERSION, "major": major, "minor": minor}
    shown: dict[str, Any] = {"clientVersion": number, "kustomizeVersion": KUSTOMIZE}
    if not inv["client"]:
        shown["serverVersion"] = number
    if output == "yaml":
        inv.say(to_yaml(shown) + "\n")
    elif output == "json":
        inv.say(json_text(shown, indent="  ") + "\n")
    else:
        inv.say(f"Client Version: {VERSION}\nKustomize Version: {KUSTOMIZE}\n")
        inv.say("" if inv["client"] else f"Server Version: {VERSION}\n")


def api_resources(inv: Invocation) -> None:
    """Lists the types of objects."""
    if inv.args:
        raise usage(inv.command, f"unexpected arguments: [{' '.join(inv.args)}]")
    if inv["sort-by"] not in ("", "name", "kind"):
        raise KubectlError("--sort-by accepts only name or kind")
    if inv["output"] not in ("", "name"):
        raise KubectlError(
            f'unable to match a printer suitable for the output format "{inv["output"]}", allowed formats are: name'
        )
    kinds = [kind for kind in inv.cluster.kinds.served() if _is_preferred(inv, kind) and _wanted(inv, kind)]
    by = {"name": _plural, "kind": _kind}.get(inv["sort-by"], _group)
    kinds.sort(key=lambda kind: (by(kind), kind.plural))
    if inv["output"] == "name":
        inv.say("".join(f"{kind.resource}\n" for kind in kinds))
        return
    lines = [] if inv["no-headers"] else ["NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND\n"]
    for kind in kinds:
        cells = (kind.plural, ",".join(kind.short_names), kind.api_version, str(kind.namespaced).lower(), kind.kind)
        lines.append("\t".join(cells) + "\n")
    inv.say(align("".join(lines), minwidth=6, padding=3))


def _is_preferred(inv: Invocation, kind: Kind) -> bool:
    """Of the versions of a kind in one group, one is listed."""
    if kind.custom:
        return inv.cluster.kinds.find(kind.resource) is kind
    return kind.stored is None or kind.group != kind.stored.group


def _wanted(inv: Invocation, kind: Kind) -> bool:
    if inv.flags.given("api-group") and kind.group != inv["api-group"]:
        return False
    return not inv.flags.given("namespaced") or kind.namespaced == inv["namespaced"]


def _plural(kind: Kind) -> str:
    return kind.plural


def _kind(kind: Kind) -> str:
    return kind.kind


def _group(kind: Kind) -> str:
    return kind.group


def current_context(inv: Invocation) -> None:
    """Names the cluster."""
    inv.say(f"{inv.cluster.name}\n")


def get_contexts(inv: Invocation) -> None:
    """Lists the one cluster there is."""
    name = inv.cluster.name
    if inv["output"] == "name":
        inv.say(f"{name}\n")
        return
    header = [] if inv["no-headers"] else ["CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n"]
    namespace = "" if inv.namespace == "default" else inv.namespace
    lines = [*header, f"*\t{name}\t{name}\t{inv.cluster.user}\t{namespace}\n"]
    inv.say(align("".join(lines), minwidth=6, padding=3))


COMMANDS = (
    Command(
        "version",
        version,
        "Show versions",
        "",
        (Flag("client", "bool", about="only that of kubectl"), Flag("output", short="o", about="yaml or json")),
        example="kubectl version --client",
    ),
    Command(
        "api-resources",
        api_resources,
        "List the types of objects",
        "",
        (
            Flag("output", short="o", about="name"),
            Flag("namespaced", "bool", default=True, about="only types whose objects are in namespaces, or only others"),
            Flag("api-group", about="only types of this group"),
            Flag("sort-by", about="name or kind"),
            Flag("no-headers", "bool", about="without the line of headers"),
            Flag("cached", "bool"),
        ),
        example="kubectl api-resources --api-group=apps",
    ),
    Command("config current-context", current_context, "Name the cluster", example="kubectl config current-context"),
    Command(
        "config get-contexts",
        get_contexts,
        "List the clusters to choose from",
        "",
        (Flag("output", short="o", about="name"), Flag("no-headers", "bool", about="without the line of headers")),
        example="kubectl config get-contexts",
    ),
)
