"""``flux events`` and ``flux logs``. Source: flux2 ``cmd/flux/events.go`` and ``cmd/flux/logs.go``."""

from __future__ import annotations

import argparse

from gitops_sim.agents.flux.cli.kinds import of_kind
from gitops_sim.agents.flux.log import Log, printed
from gitops_sim.clock import Clock, parse_duration, parse_timestamp
from gitops_sim.cluster.ages import human_duration
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import BadInput
from gitops_sim.objects import Object, get_path

_TYPES = ("normal", "warning")


def rows(cluster: ClusterAPI, given: argparse.Namespace, clock: Clock) -> list[list[str]]:
    """The events of Flux's objects, the latest last. With ``--for`` one kind's, or one object's and those of its source."""
    types = [name for name in given.types.split(",") if name]
    for name in types:
        if name.lower() not in _TYPES:
            raise BadInput(f"type '{name}' not supported. Supported types are Normal, Warning")
    found = [e for e in cluster.list("events", "" if given.all_namespaces else given.namespace) if _is_meant(cluster, e, given)]
    if types:
        found = [e for e in found if e["type"].lower() in [name.lower() for name in types]]
    found.sort(key=lambda e: (e.get("lastTimestamp") or "", e["metadata"]["name"].rpartition(".")[2]))
    return [_row(e, clock, given.all_namespaces) for e in found]


def _is_meant(cluster: ClusterAPI, event: Object, given: argparse.Namespace) -> bool:
    about = event["involvedObject"]
    if of_kind(about["kind"]) is None:
        return False
    if not given.about:
        return True
    kind, _, name = given.about.partition("/")
    known = of_kind(kind)
    if known is None:
        raise BadInput(f"'{kind}' is not a recognized Flux kind")
    if not name:
        return bool(about["kind"] == known.kind)
    wanted = [(known.kind, name)]
    if known.kind == "Kustomization":
        source = get_path(cluster.get(known.resource, name, given.namespace), ("spec", "sourceRef"))
        wanted.append((source["kind"], source["name"]))
    elif known.kind == "Alert":
        provider = get_path(cluster.get(known.resource, name, given.namespace), ("spec", "providerRef", "name"))
        wanted.append(("Provider", provider))
    elif known.kind == "ImagePolicy":
        repository = get_path(cluster.get(known.resource, name, given.namespace), ("spec", "imageRepositoryRef", "name"))
        wanted.append(("ImageRepository", repository))
    return (about["kind"], about["name"]) in wanted


def _row(event: Object, clock: Clock, namespaced: bool) -> list[str]:
    about = event["involvedObject"]
    seen, first = (_age(event.get(field), clock) for field in ("lastTimestamp", "firstTimestamp"))
    age = f"{seen} (x{event['count']} over {first})" if event.get("count", 1) > 1 else first
    row = [age, event["type"], event["reason"], f"{about['kind']}/{about['name']}", event["message"]]
    return [event["metadata"]["namespace"], *row] if namespaced else row


def _age(moment: str | None, clock: Clock) -> str:
    return human_duration(clock.now - parse_timestamp(moment)) if moment else "<unknown>"


def logs(log: Log, given: argparse.Namespace, clock: Clock) -> str:
    """What the controllers wrote, the oldest first."""
    since = clock.now - parse_duration(given.since) if given.since else 0.0
    lines = [
        line
        for line in log
        if line.time >= since
        and given.level in ("", line.level)
        and given.kind.lower() in ("", line.key.kind.lower())
        and given.name.lower() in ("", line.key.name.lower())
        and (given.all_namespaces or given.namespace == line.key.namespace)
    ]
    return "".join(map(printed, lines if given.tail < 0 else lines[len(lines) - min(given.tail, len(lines)) :]))
