"""``kubectl delete``.

Source: k8s.io/kubectl ``pkg/cmd/delete``.
"""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.cluster.protocol import Propagation
from gitops_sim.cluster.warnings import deprecation
from gitops_sim.errors import ApiError, GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import PATIENCE, Command, Invocation
from gitops_sim.kubectl.problems import KubectlError, from_source, raise_all
from gitops_sim.kubectl.resources import Query, look_up
from gitops_sim.kubectl.waiting import until_gone

_CASCADES: dict[str, Propagation] = {
    "background": "Background",
    "foreground": "Foreground",
    "orphan": "Orphan",
    "true": "Background",
    "false": "Orphan",
}


def delete(inv: Invocation) -> None:
    """Deletes objects and waits until they are gone."""
    grace, propagation, dry_run = _grace_period(inv), cascade(inv), inv.dry_run
    query = Query(
        inv.args,
        selector=inv["selector"],
        fields=inv["field-selector"],
        all=inv["all"],
        all_namespaces=inv["all-namespaces"],
        fetch="no",
    )
    found = look_up(inv, query)
    if inv["output"] not in ("", "name"):
        raise KubectlError(f"unexpected -o output mode: {inv['output']}. We only support '-o name'")
    if grace == 0:
        inv.warn(
            "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. "
            "The resource may continue to run on the cluster indefinitely.\n"
        )
    selected = bool(inv["all"] or inv["selector"] or inv["field-selector"])
    ignore = inv["ignore-not-found"] if inv.flags.given("ignore-not-found") else selected
    if inv.namespace_given and not inv["all-namespaces"] and any(not info.kind.namespaced for info in found.infos):
        inv.warn("Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n")
    errors: list[GitOpsSimError] = list(found.errors)
    errors += delete_infos(inv, found.infos, grace, propagation, ignore_missing=ignore)
    raise_all(errors)
    if not found.infos:
        inv.say("No resources found\n")
    if inv["wait"] and dry_run == "none":
        _wait(inv, found.infos)


def delete_infos(
    inv: Invocation, infos: Sequence[Info], grace: float | None, propagation: Propagation, *, ignore_missing: bool
) -> list[GitOpsSimError]:
    """Deletes and says so, object by object; an object keeps what the server answered. Returns what went wrong."""
    errors: list[GitOpsSimError] = []
    for info in infos:
        try:
            if inv.dry_run != "client":
                inv.warn_of([deprecation(info.kind)])
                info.object = inv.cluster.delete(
                    info.kind,
                    info.name,
                    info.namespace,
                    propagation=propagation,
                    grace_period=grace,
                    dry_run=inv.dry_run == "server",
                )
            _say(inv, info, grace)
        except ApiError as error:
            info.object = {}
            if not (ignore_missing and error.reason == "NotFound"):
                errors.append(from_source("deleting", info.source, error))
    return errors


def _grace_period(inv: Invocation) -> float | None:
    """None for the object's own; 0 only with ``--force``. Raises KubectlError for flags that contradict each other."""
    grace: int = inv["grace-period"]
    if inv["now"]:
        if grace != -1:
            raise KubectlError("--now and --grace-period cannot be specified together")
        grace = 1
    if grace == 0 and not inv["force"]:
        grace = 1
    if inv["force"] and grace < 0:
        grace = 0
    if inv["force"] and grace > 0:
        raise KubectlError("--force and --grace-period greater than 0 cannot be specified together")
    return None if grace < 0 else float(grace)


def cascade(inv: Invocation) -> Propagation:
    """Raises KubectlError for a ``--cascade`` that means nothing."""
    given = inv["cascade"]
    if given not in _CASCADES:
        raise KubectlError(f'invalid cascade value ({given}). Must be "background", "foreground", or "orphan"')
    return _CASCADES[given]


def _say(inv: Invocation, info: Info, grace: float | None) -> None:
    if inv["output"] == "name":
        inv.say(f"{info.shown}\n")
        return
    operation = "force deleted" if grace == 0 else "deleted"
    place = f" from {info.namespace} namespace" if info.kind.namespaced else ""
    note = {"client": " (dry run)", "server": " (server dry run)"}.get(inv.dry_run, "")
    inv.say(f'{info.kind.qualified} "{info.name}" {operation}{place}{note}\n')


def _wait(inv: Invocation, infos: list[Info]) -> None:
    deadline = inv.now + (inv["timeout"] or PATIENCE)
    errors: list[GitOpsSimError] = []
    for info in infos:
        try:
            if info.object:
                until_gone(inv, info, deadline)
        except KubectlError as error:
            errors.append(error)
    raise_all(errors)


COMMANDS = (
    Command(
        "delete",
        delete,
        "Delete objects",
        "(TYPE (NAME ... | -l SELECTOR | --all) | TYPE/NAME ... | -f FILE)",
        (
            *flags.FILENAME,
            flags.SELECTOR,
            flags.FIELD_SELECTOR,
            flags.ALL,
            flags.ALL_NAMESPACES,
            flags.IGNORE_NOT_FOUND,
            flags.DRY_RUN,
            flags.TIMEOUT,
            Flag(
                "cascade",
                default="background",
                bare="background",
                about="what becomes of what it owns: background, foreground, orphan",
            ),
            Flag("grace-period", "int", default=-1, about="seconds that a Pod gets to stop"),
            Flag("force", "bool", about="with --grace-period=0: at once"),
            Flag("now", "bool", about="--grace-period=1"),
            Flag("wait", "bool", default=True, about="until the objects are gone"),
            Flag("interactive", "bool", short="i"),
            Flag("output", short="o", about="name"),
            Flag("raw"),
        ),
        example="kubectl delete deployment web",
    ),
)
