"""Which real cluster is meant, and whether it may be touched: a context named ``kind-*``, a server on loopback, nodes of kind.

All of it is checked before the first write. The kubeconfig is only read: the current context stays what it is.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gitops_sim.errors import BadInput
from gitops_sim.objects import Object
from gitops_sim.yaml_in import Limits, load_document

PREFIX = "kind-"
PROVIDER = "kind://"
"""What kind writes at the beginning of ``spec.providerID`` of its nodes. Source: kind's ``pkg/cluster/internal/create``."""
_LIMITS = Limits(bytes=2_000_000, documents=1, depth=30, values=50_000)


@dataclass(frozen=True, slots=True)
class KindContext:
    """A context of a kubeconfig that passed every check that needs no server."""

    name: str
    server: str
    kubeconfig: Path

    @property
    def kind_name(self) -> str:
        """The name by which ``kind`` knows the cluster."""
        return self.name.removeprefix(PREFIX)


def choose(name: str, kubeconfig: Path | None = None) -> KindContext:
    """The context called ``name``, from ``kubeconfig`` or else from where kubectl looks.

    Raises BadInput, with the reason, for a context that is not there or that is not one of a local kind cluster.
    """
    if not name.startswith(PREFIX) or name == PREFIX:
        raise BadInput(
            f"context '{name}' is not one of a kind cluster: those are called {PREFIX}NAME", where="--context", mend=_make_one()
        )
    looked, contexts = _kubeconfigs(kubeconfig), list[str]()
    for path in looked:
        if not path.is_file():
            continue
        config = _read(path)
        contexts += [str(entry.get("name")) for entry in _entries(config, "contexts", path)]
        if name in contexts:
            return _checked(name, config, path)
    there = [context for context in contexts if context.startswith(PREFIX)]
    mend = f"there are {', '.join(there)}" if there else _make_one()
    raise BadInput(f"no context '{name}' in {', '.join(map(str, looked))}", where="--context", mend=mend)


def check_nodes(nodes: Sequence[Object], context: KindContext) -> None:
    """Raises BadInput unless every node is one that kind made."""
    foreign = [node["metadata"]["name"] for node in nodes if not _of_kind(node)]
    if not nodes or foreign:
        what = f"node {foreign[0]} was not made by kind" if foreign else "the cluster has no nodes"
        raise BadInput(
            f"{what}, so this is no kind cluster whatever its context is called; nothing was written",
            where=context.name,
            mend=_make_one(),
        )


def _of_kind(node: Object) -> bool:
    spec = node.get("spec")
    return isinstance(spec, Mapping) and str(spec.get("providerID", "")).startswith(PROVIDER)


def _make_one() -> str:
    return "make one with 'kind create cluster --name dev', then use --context kind-dev"


def _kubeconfigs(given: Path | None) -> list[Path]:
    if given is not None:
        return [given]
    named = [Path(part).expanduser() for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    return named or [Path.home() / ".kube" / "config"]


def _read(path: Path) -> Mapping[str, Any]:
    config = load_document(path.read_bytes(), where=str(path), limits=_LIMITS)
    if not isinstance(config, Mapping):
        raise BadInput("is not a kubeconfig", where=str(path), mend="have kind write it: kind export kubeconfig --name dev")
    return config


def _entries(config: Mapping[str, Any], what: str, path: Path) -> list[Mapping[str, Any]]:
    found = config.get(what) or []
    if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
        raise BadInput(f"'{what}' must be a list of mappings", where=str(path), mend="have kind write it again")
    return found


def _checked(name: str, config: Mapping[str, Any], path: Path) -> KindContext:
    context = _named(config, "contexts", "context", name, path)
    cluster = _named(config, "clusters", "cluster", str(context.get("cluster")), path)
    user = _named(config, "users", "user", str(context.get("user")), path)
    server, where = str(cluster.get("server", "")), f"{path}: {name}"
    parts = urlsplit(server)
    if parts.scheme != "https" or not _is_loopback(parts.hostname or ""):
        what = f"its server {server or '(none)'} is not on this machine, and only local kind clusters are touched"
        raise BadInput(f"{what}; nothing was written", where=where, mend=_make_one())
    if cluster.get("proxy-url"):
        raise BadInput("its requests would go through a proxy; nothing was written", where=where, mend="take proxy-url out")
    for way in ("exec", "auth-provider"):
        if user.get(way):
            what = f"its credentials come from a program ({way}), which kind never asks for; nothing was run or written"
            mend = f"have kind write them: kind export kubeconfig --name {name.removeprefix(PREFIX)}"
            raise BadInput(what, where=where, mend=mend)
    return KindContext(name, server, path)


def _named(config: Mapping[str, Any], plural: str, singular: str, name: str, path: Path) -> Mapping[str, Any]:
    for entry in _entries(config, plural, path):
        if entry.get("name") == name and isinstance(entry.get(singular), Mapping):
            found: Mapping[str, Any] = entry[singular]
            return found
    raise BadInput(f"no {singular} '{name}' in the kubeconfig", where=str(path), mend="have kind write it again")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
