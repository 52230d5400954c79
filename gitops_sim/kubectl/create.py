"""``kubectl create -f`` and ``kubectl replace``.

Source: k8s.io/kubectl ``pkg/cmd/create`` and ``pkg/cmd/replace``.
"""

from __future__ import annotations

from collections.abc import Callable

from gitops_sim.cluster.apply import LAST_APPLIED, last_applied_text
from gitops_sim.cluster.shapes import mapping
from gitops_sim.errors import ApiError, GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl import requests, sources
from gitops_sim.kubectl.delete import cascade, delete_infos
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import KubectlError, from_source, raise_all
from gitops_sim.kubectl.waiting import until_gone
from gitops_sim.objects import Object, with_path

_FIVE_MINUTES = 300.0


def create(inv: Invocation) -> None:
    """Creates the objects of the manifests."""
    if inv.args and inv.args[0] == "svc":
        raise KubectlError("kubectl create svc is not built in: write kubectl create service")
    inv.no_arguments()
    show = printer_for(inv, "created")
    requests.level(inv)
    sources.require(inv)
    if inv["edit"] or inv["raw"]:
        raise KubectlError("--edit and --raw are not built in: change the file, then create -f it")
    if not _each(inv, "creating", lambda info: show(_created(inv, info))):
        raise KubectlError("no objects passed to create")


def replace(inv: Invocation) -> None:
    """Puts the objects of the manifests in the place of those that are there."""
    requests.level(inv)
    show = printer_for(inv, "replaced")
    sources.require(inv)
    if inv["grace-period"] >= 0 and not inv["force"]:
        raise KubectlError("--grace-period must have --force specified")
    if inv["timeout"] and not inv["force"]:
        raise KubectlError("--timeout must have --force specified")
    if inv["force"] and inv.dry_run != "none":
        raise KubectlError("--dry-run can not be used when --force is set")
    if inv["raw"] or inv["subresource"]:
        raise KubectlError("--raw and --subresource are not built in")
    if inv["force"]:
        _delete_first(inv)
        if not _each(inv, "", lambda info: show(_created(inv, info))):
            raise KubectlError("no objects passed to replace")
        return

    def put(info: Info) -> None:
        obj = with_config(inv, info.object)
        show(obj if inv.dry_run == "client" else requests.replace(inv, info, obj))

    _each(inv, "replacing", put)


def _delete_first(inv: Invocation) -> None:
    infos = [item for item in sources.read_infos(inv) if isinstance(item, Info)]
    grace = max(1.0, inv["grace-period"]) if inv["grace-period"] >= 0 else None
    raise_all(delete_infos(inv, infos, grace, cascade(inv), ignore_missing=True))
    deadline = inv.now + (inv["timeout"] or _FIVE_MINUTES)
    for info in infos:
        if info.object:
            until_gone(inv, info, deadline)


def _each(inv: Invocation, verb: str, act: Callable[[Info], None]) -> int:
    """How many objects it went well with. Raises the errors at the end, those of the server with the file they are about."""
    errors: list[GitOpsSimError] = []
    count = 0
    selector = inv["selector"] if "selector" in inv.flags else ""
    for item in sources.read_infos(inv, validate=requests.level(inv) != "Ignore", selector=selector):
        if isinstance(item, GitOpsSimError):
            errors.append(item)
            continue
        try:
            act(item)
            count += 1
        except ApiError as error:
            errors.append(from_source(verb, item.source, error) if verb else error)
        except GitOpsSimError as error:
            errors.append(error)
    raise_all(errors)
    return count


def _created(inv: Invocation, info: Info) -> Object:
    obj = with_config(inv, info.object)
    return obj if inv.dry_run == "client" else requests.create(inv, info, obj)


def with_config(inv: Invocation, obj: Object) -> Object:
    """The object with itself in an annotation, if ``--save-config`` was given or it has an older one, and with the command."""
    if inv["save-config"] or mapping(obj, "metadata", "annotations").get(LAST_APPLIED):
        obj = with_path(obj, ("metadata", "annotations", LAST_APPLIED), last_applied_text(obj))
    return requests.recorded(inv, obj)


COMMANDS = (
    Command(
        "create",
        create,
        "Create objects from manifests",
        "-f FILE",
        (
            *flags.PRINT,
            *flags.FILENAME,
            flags.SELECTOR,
            flags.DRY_RUN,
            flags.VALIDATE,
            flags.FIELD_MANAGER,
            flags.SAVE_CONFIG,
            flags.RECORD,
            Flag("edit", "bool"),
            Flag("raw"),
            Flag("windows-line-endings", "bool"),
        ),
        example="kubectl create -f web.yaml",
    ),
    Command(
        "replace",
        replace,
        "Put the objects of manifests in the place of those that are there",
        "-f FILE",
        (
            *flags.PRINT,
            *flags.FILENAME,
            flags.DRY_RUN,
            flags.VALIDATE,
            flags.FIELD_MANAGER,
            flags.SAVE_CONFIG,
            flags.RECORD,
            flags.TIMEOUT,
            flags.SUBRESOURCE,
            Flag("force", "bool", about="delete and create"),
            Flag("grace-period", "int", default=-1),
            Flag("cascade", default="background", bare="background"),
            Flag("wait", "bool"),
            Flag("raw"),
        ),
        example="kubectl replace -f web.yaml",
    ),
)
