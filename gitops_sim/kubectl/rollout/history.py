"""``kubectl rollout history``.

Source: k8s.io/kubectl ``pkg/cmd/rollout/rollout_history.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.errors import GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl.changes import each
from gitops_sim.kubectl.describe.containers import pod_template
from gitops_sim.kubectl.describe.page import Page
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import KubectlError, raise_all
from gitops_sim.kubectl.rollout.find import FLAGS, USE, find, require
from gitops_sim.kubectl.rollout.revisions import Revision, revisions
from gitops_sim.kubectl.tabwriter import align


def history(inv: Invocation) -> None:
    """Lists the revisions of an object, or shows one of them."""
    require(inv)
    found = find(inv)
    show = printer_for(inv) if inv["output"] else None
    errors: list[GitOpsSimError] = list(found.errors)

    def tell(info: Info) -> None:
        known = revisions(inv.cluster, info, "history viewer", "history")
        chosen = [_chosen(known, inv["revision"])] if inv["revision"] else known
        if show is not None:
            for revision in chosen:
                show(revision.whole)
        elif inv["revision"]:
            template = template_text(inv, chosen[0].template)
            printer_for(inv, f"with revision #{inv['revision']}\n{template}")(info.object)
        else:
            printer_for(inv, f"\n{_overview(known)}")(info.object)

    each(found.infos, errors, tell)
    raise_all(errors)


def _chosen(known: list[Revision], wanted: int) -> Revision:
    for revision in reversed(known):
        if revision.number == wanted:
            return revision
    raise KubectlError("unable to find the specified revision" if known else "No rollout history found.")


def _overview(known: list[Revision]) -> str:
    if not known:
        return "No rollout history found."
    causes = {revision.number: revision.cause or "<none>" for revision in known}
    return align("REVISION\tCHANGE-CAUSE\n" + "".join(f"{number}\t{cause}\n" for number, cause in causes.items()))


def template_text(inv: Invocation, template: Mapping[str, Any]) -> str:
    """A Pod template as ``describe`` shows it, its columns left unaligned."""
    page = Page(inv.cluster, inv.now, show_events=False)
    pod_template(page, template)
    return page.unaligned()


COMMANDS = (
    Command(
        "rollout history",
        history,
        "List the revisions of an object, or show one",
        USE,
        (*flags.PRINT, *FLAGS, Flag("revision", "int", about="show this one")),
        example="kubectl rollout history deployment/web --revision=2",
    ),
)
