"""``kubectl auth``: may I, who am I, and roles as manifests want them.

Source: k8s.io/kubectl ``pkg/cmd/auth``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitops_sim.cluster.access.authorizer import GROUP, KINDS
from gitops_sim.cluster.access.reviews import review, rules_of
from gitops_sim.cluster.access.rules import Asked
from gitops_sim.cluster.shapes import mappings
from gitops_sim.errors import GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl import requests, sources
from gitops_sim.kubectl.describe.resources import compact_rules
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import Exit, KubectlError, raise_all, usage
from gitops_sim.kubectl.tabwriter import align
from gitops_sim.objects import Object, with_path

_KNOWN = """
get list watch create update patch delete deletecollection use bind escalate impersonate sign approve attest * proxy
"""
_VERBS = frozenset(_KNOWN.split())


def can_i(inv: Invocation) -> None:
    """Says whether the user may, by ``yes`` or ``no`` and by the exit code; with ``--list`` all that they may."""
    if inv["list"]:
        if inv.args:
            raise KubectlError("list option must be specified with no arguments")
        _list(inv)
        return
    if len(inv.args) not in (2, 3):
        wanted = "you must specify two arguments: verb resource or verb resource/resourceName."
        raise KubectlError(f"{wanted}\nSee '{inv.command} -h' for help and examples.")
    if inv["all-namespaces"] and len(inv.args) == 3:
        raise KubectlError("-A, --all-namespaces can not be used with a resource name")
    asked = _asked(inv)
    verdict = inv.cluster.verdict(asked)
    reason = verdict.reason if verdict.reason and not verdict.allowed else ""
    if not inv["quiet"]:
        inv.say(("yes" if verdict.allowed else "no" + (f" - {reason}" if reason else "")) + "\n")
    if not verdict.allowed:
        raise Exit


def _asked(inv: Invocation) -> Asked:
    verb, wanted = inv.args[:2]
    if verb not in _VERBS:
        inv.warn(f"Warning: verb '{verb}' is not a known verb\n\n")
    if wanted.startswith("/"):
        return Asked(verb, path=wanted)
    wanted, _, name = wanted.partition("/")
    sub = inv["subresource"]
    if len(inv.args) == 3:
        name = inv.args[2]
    kind = inv.cluster.kinds.find(wanted)
    namespace = "" if inv["all-namespaces"] else inv.namespace
    if kind is None:
        plain, _, group = wanted.partition(".")
        if wanted != "*":
            inv.warn(f"Warning: the server doesn't have a resource type '{plain}'\n\n" if not group else _no_group(plain, group))
        return Asked(verb, group if wanted != "*" else "*", plain, sub, namespace, name)
    if not kind.namespaced and not inv["all-namespaces"]:
        in_group = f" in group '{kind.group}'" if kind.group else ""
        inv.warn(f"Warning: resource '{kind.plural}' is not namespace scoped{in_group}\n\n")
        namespace = ""
    return Asked(verb, kind.group, kind.plural, sub, namespace, name)


def _no_group(plain: str, group: str) -> str:
    return f"Warning: the server doesn't have a resource type '{plain}' in group '{group}'\n\n"


def _list(inv: Invocation) -> None:
    found = rules_of(inv.cluster, inv.namespace)
    lines = [] if inv["no-headers"] else ["Resources\tNon-Resource URLs\tResource Names\tVerbs\n"]
    rules = [*mappings(found, "resourceRules"), *mappings(found, "nonResourceRules")]
    for resource, urls, names, verbs in compact_rules(rules):
        lines.append(f"{resource}\t[{urls}]\t[{names}]\t[{' '.join(verbs)}]\n")
    if found["incomplete"]:
        inv.warn(f"Warning: the list may be incomplete: {found['evaluationError']}\n")
    inv.say(align("".join(lines), minwidth=6, padding=3))


def whoami(inv: Invocation) -> None:
    """Says as whom the cluster knows the user."""
    if inv.args:
        raise usage(inv.command, f"unexpected arguments: [{' '.join(inv.args)}]")
    answer = review(inv.cluster, "SelfSubjectReview", {})
    if inv["output"]:
        printer_for(inv)(answer)
        return
    inv.say(align("".join(_attributes(answer["status"]["userInfo"])), minwidth=6, padding=3))


def _attributes(info: Mapping[str, Any]) -> Iterator[str]:
    yield "ATTRIBUTE\tVALUE\n"
    yield f"Username\t{info['username']}\n"
    if info.get("uid"):
        yield f"UID\t{info['uid']}\n"
    yield f"Groups\t[{' '.join(info['groups'])}]\n"
    for name, values in sorted((info.get("extra") or {}).items()):
        yield f"Extra: {name}\t[{' '.join(values)}]\n"


def reconcile(inv: Invocation) -> None:
    """Creates the roles and bindings of manifests, or adds to those that are there what they lack."""
    inv.no_arguments()
    sources.require(inv)
    show = printer_for(inv, "reconciled")
    errors: list[GitOpsSimError] = []
    for item in sources.read_infos(inv):
        if isinstance(item, GitOpsSimError):
            errors.append(item)
            continue
        if item.kind.group != GROUP or item.kind.kind not in KINDS:
            errors.append(KubectlError("only rbac.authorization.k8s.io/v1 is supported: not " + item.kind.api_version))
            continue
        try:
            show(_reconciled(inv, item))
        except GitOpsSimError as error:
            errors.append(error)
    raise_all(errors)


def _reconciled(inv: Invocation, info: Info) -> Object:
    current = inv.cluster.find(info.kind, info.name, info.namespace)
    if current is None:
        return info.object if inv.dry_run == "client" else requests.create(inv, info, info.object)
    field = "subjects" if info.kind.kind.endswith("Binding") else "rules"
    wanted, there = list(info.object.get(field) or ()), list(current.get(field) or ())
    remove = inv["remove-extra-subjects" if field == "subjects" else "remove-extra-permissions"]
    new = wanted if remove else [*there, *(item for item in wanted if not _known(item, there))]
    merged: Object = with_path(current, (field,), new)
    return merged if inv.dry_run == "client" else inv.cluster.update(merged, dry_run=inv.dry_run == "server")


def _known(item: Any, there: Sequence[Any]) -> bool:
    """Whether an item is among those there, where empty fields and defaults say nothing."""
    return any(all(other.get(name, value) == value for name, value in item.items() if value) for other in there)


COMMANDS = (
    Command(
        "auth can-i",
        can_i,
        "Say whether an action is allowed",
        "VERB TYPE [NAME] | VERB /PATH | --list",
        (
            flags.ALL_NAMESPACES,
            Flag("list", "bool", about="all that is allowed in the namespace"),
            Flag("no-headers", "bool", about="without the line of headers"),
            Flag("quiet", "bool", short="q", about="only the exit code"),
            Flag("subresource", about="log, scale, status and the like"),
        ),
        example="kubectl auth can-i delete pods --as=system:serviceaccount:ci:deployer",
    ),
    Command("auth whoami", whoami, "Say who the user is", "", flags.PRINT, example="kubectl auth whoami"),
    Command(
        "auth reconcile",
        reconcile,
        "Add what roles and bindings lack",
        "-f FILE",
        (
            *flags.PRINT,
            *flags.FILENAME,
            flags.DRY_RUN,
            Flag("remove-extra-permissions", "bool", about="also take away rules that the manifests do not have"),
            Flag("remove-extra-subjects", "bool", about="also take away subjects that the manifests do not have"),
        ),
        example="kubectl auth reconcile -f roles.yaml",
    ),
)
