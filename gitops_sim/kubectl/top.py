"""``kubectl top``: what Pods and nodes use, from the load that the world says there is.

Source: k8s.io/kubectl ``pkg/cmd/top`` and ``pkg/metricsutil/metrics_printer.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from gitops_sim.cluster.load import Amounts, pods_of
from gitops_sim.cluster.quantity import QuantityError, amount
from gitops_sim.cluster.shapes import mapping, text
from gitops_sim.errors import not_found
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.problems import KubectlError, usage
from gitops_sim.kubectl.tabwriter import align
from gitops_sim.objects import Key, Object

_MEBI = 1024 * 1024


def top_pod(inv: Invocation) -> None:
    """Shows what Pods use."""
    _check(inv)
    if inv["containers"] or inv["sum"]:
        raise KubectlError("--containers and --sum are not built in: loads are of whole Pods")
    everywhere = bool(inv["all-namespaces"])
    pods = inv.cluster.list("pods", "" if everywhere else inv.namespace, labels=inv["selector"], fields=inv["field-selector"])
    used = pods_of(inv.cluster.load, inv.cluster.store, pods)
    if inv.args:
        if Key("", "Pod", inv.namespace, inv.args[0]) not in used:
            raise not_found("podmetrics", inv.args[0], "metrics.k8s.io")
        used = {key: amounts for key, amounts in used.items() if key.name == inv.args[0]}
    if not used:
        if pods:
            raise KubectlError("metrics not available yet")
        inv.warn("No resources found\n" if everywhere else f"No resources found in {inv.namespace} namespace.\n")
        return
    header = [*(["NAMESPACE"] if everywhere else []), "NAME", "CPU(cores)", "MEMORY(bytes)"]
    rows = [[*([key.namespace] if everywhere else []), key.name, *_shown(used[key])] for key in _sorted(inv, used)]
    _print(inv, header, rows)


def top_node(inv: Invocation) -> None:
    """Shows what nodes use."""
    _check(inv)
    nodes = {Key("", "Node", "", node["metadata"]["name"]): node for node in inv.cluster.list("nodes", labels=inv["selector"])}
    if inv.args:
        inv.cluster.get("nodes", inv.args[0])
        nodes = {key: node for key, node in nodes.items() if key.name == inv.args[0]}
    pods = inv.cluster.store.list("", "Pod")
    total: dict[Key, dict[str, int]] = {key: {"cpu": 0, "memory": 0} for key in nodes}
    used = pods_of(inv.cluster.load, inv.cluster.store, pods)
    for pod in pods:
        meta = pod["metadata"]
        on = total.get(Key("", "Node", "", text(pod, "spec", "nodeName")))
        for resource, many in used.get(Key("", "Pod", meta["namespace"], meta["name"]), {}).items():
            if on is not None:
                on[resource] += many
    field = "capacity" if inv["show-capacity"] else "allocatable"
    rows = []
    for key in _sorted(inv, total):
        if inv.cluster.machines.lost_at(key.name) is not None:
            rows.append([key.name, *["<unknown>"] * 4])
            continue
        cpu, memory = _shown(total[key])
        shares = [_share(total[key][resource], nodes[key], field, resource) for resource in ("cpu", "memory")]
        rows.append([key.name, cpu, shares[0], memory, shares[1]])
    _print(inv, ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"], rows)


def _check(inv: Invocation) -> None:
    if len(inv.args) > 1:
        raise usage(inv.command, f"Unexpected args: [{' '.join(inv.args)}]")
    if inv["sort-by"] not in ("", "cpu", "memory"):
        raise KubectlError("--sort-by accepts only cpu or memory")
    if inv.args and inv["selector"]:
        raise KubectlError("only one of NAME or --selector can be provided")
    if not inv.cluster.load.measured:
        raise KubectlError("Metrics API not available")


def _sorted(inv: Invocation, used: Mapping[Key, Amounts]) -> list[Key]:
    """By namespace and name, or by what is used, the most first."""
    names = sorted(used, key=lambda key: (key.namespace, key.name))
    resource = inv["sort-by"]
    return sorted(names, key=lambda key: -used[key][resource]) if resource else names


def _shown(amounts: Amounts) -> tuple[str, str]:
    return f"{amounts['cpu']}m", f"{-(-amounts['memory'] // 1000) // _MEBI}Mi"


def _share(many: int, node: Object, field: str, resource: str) -> str:
    try:
        room = amount(text(mapping(node, "status", field), resource) or "0")
    except QuantityError:
        return "<unknown>"
    return f"{int(Fraction(many, 1000) * 100 / room)}%" if room else "<unknown>"


def _print(inv: Invocation, header: list[str], rows: list[list[str]]) -> None:
    lines = rows if inv["no-headers"] else [header, *rows]
    inv.say(align("".join("".join(f"{cell}\t" for cell in line) + "\n" for line in lines), minwidth=6, padding=3))


_BOTH = (
    flags.SELECTOR,
    Flag("no-headers", "bool", about="without the line of headers"),
    Flag("sort-by", about="cpu or memory"),
    Flag("use-protocol-buffers", "bool", default=True),
)
COMMANDS = (
    Command(
        "top pod",
        top_pod,
        "Show what Pods use",
        "[NAME | -l SELECTOR]",
        (*_BOTH, flags.FIELD_SELECTOR, flags.ALL_NAMESPACES, Flag("containers", "bool"), Flag("sum", "bool")),
        aliases=("pods", "po"),
        example="kubectl top pod",
    ),
    Command(
        "top node",
        top_node,
        "Show what nodes use",
        "[NAME | -l SELECTOR]",
        (*_BOTH, Flag("show-capacity", "bool", about="shares of all there is, not of what Pods may have")),
        aliases=("nodes", "no"),
        example="kubectl top node",
    ),
)
