"""image-automation-controller: writes into Git what policies have chosen, where the files are marked for it.

It runs at its interval, and at once when a policy of its namespace chooses another image. Source: image-automation-controller
``internal/controller/imageupdateautomation_controller.go`` and ``predicate.go``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.build import folder_of
from gitops_sim.agents.flux.cause import Cause
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.gitrepository import GROUP as SOURCE_GROUP
from gitops_sim.agents.flux.images.automation import AUTOMATIONS, Automation, read_automation
from gitops_sim.agents.flux.images.changes import template_data
from gitops_sim.agents.flux.images.checkout import Checkout, Origin, check_out, origin_of
from gitops_sim.agents.flux.images.failures import RunFailed
from gitops_sim.agents.flux.images.imagepolicy import IMAGE_POLICIES
from gitops_sim.agents.flux.images.imagerepository import GROUP
from gitops_sim.agents.flux.images.journal import ImageJournal
from gitops_sim.agents.flux.images.message import commit_message
from gitops_sim.agents.flux.images.pushing import Pushed, push
from gitops_sim.agents.flux.images.reports import Reports
from gitops_sim.agents.flux.images.setters import Edits, edited, setters
from gitops_sim.agents.flux.toolkit import Desk, backoff, requested, wants_look
from gitops_sim.clock import Priority
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.store import Change
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.forge import Forge
from gitops_sim.objects import Key, Object, get_path, key_of, with_path

_READY = "repository up-to-date"
_OPERATORS = {"In": "{0} in ({1})", "NotIn": "{0} notin ({1})", "Exists": "{0}", "DoesNotExist": "!{0}"}

Refs = dict[str, Mapping[str, str]]


@dataclass(slots=True)
class Memory:
    failures: int = 0
    cause: Cause = "interval"


class AutomationController:
    """Works on all ImageUpdateAutomations of a cluster."""

    def __init__(self, desk: Desk, forge: Forge, events: Recorder, journal: ImageJournal) -> None:
        self._desk, self._forge, self._journal = desk, forge, journal
        self._reports = Reports(desk, events)
        self._memory: dict[Key, Memory] = {}
        self._queue = WorkQueue(desk.clock, self.reconcile, priority=Priority.AGENT)
        desk.cluster.watch(self._on_change)
        for obj in desk.cluster.list(AUTOMATIONS):
            self._queue.add(key_of(obj))

    # ------------------------------------------------------------------ inside

    def _on_change(self, change: Change) -> None:
        key, old = change.key, change.old
        if (key.group, key.kind) == (GROUP, "ImageUpdateAutomation"):
            if wants_look(change):
                asked = old is not None and requested(old) != requested(change.object)
                self._ask(key, "new" if old is None else "request" if asked else "spec")
        elif old is None or change.type == "DELETED":
            return
        elif (key.group, key.kind) == (GROUP, "ImagePolicy"):
            latest = get_path(change.object, ("status", "latestRef"))
            if latest is not None and latest != get_path(old, ("status", "latestRef")):
                for obj in self._desk.cluster.list(AUTOMATIONS, key.namespace):
                    self._ask(key_of(obj), "source")
        elif (key.group, key.kind) == (SOURCE_GROUP, "GitRepository") and _has_other_spec(change):
            for obj in self._desk.cluster.list(AUTOMATIONS):
                if read_automation(obj).source == key:
                    self._ask(key_of(obj), "source")

    def _ask(self, key: Key, cause: Cause) -> None:
        self._memory.setdefault(key, Memory()).cause = cause
        self._queue.add(key)

    def reconcile(self, key: Key) -> None:
        obj = self._desk.cluster.find(AUTOMATIONS, key.name, key.namespace)
        if obj is None or obj["metadata"].get("deletionTimestamp"):
            self._memory.pop(key, None)
            self._queue.forget(key)
            if obj is not None:
                self._desk.release(obj)
            return
        obj = self._desk.adopt(obj)
        wanted = read_automation(obj)
        if wanted.suspended:
            self._journal.suspended(key)
            self._reports.suspended(obj)
            return
        self._journal.unsupported(key, wanted.unsupported)
        memory = self._memory.setdefault(key, Memory())
        cause, memory.cause = memory.cause, "interval"
        started = with_path(obj, ("status", "lastAutomationRunTime"), self._desk.now)
        try:
            self._run(obj, started, wanted, cause)
        except RunFailed as error:
            self._fail(started, memory, error)
            return
        memory.failures = 0
        self._queue.requeue(key, wanted.interval)

    def _fail(self, obj: Object, memory: Memory, error: RunFailed) -> None:
        key = key_of(obj)
        if error.for_good:
            self._reports.stalled(obj, error.reason, error.message)
            self._journal.stalled(key, error.message, error.mend)
            return
        wait = backoff(memory.failures)
        memory.failures += 1
        self._reports.failed(obj, error.reason, error.message)
        self._journal.run_failed(key, error.message, error.mend, wait)
        self._queue.add(key, wait)

    def _run(self, old: Object, obj: Object, wanted: Automation, cause: Cause) -> None:
        """Raises RunFailed."""
        status: Mapping[str, Any] = old.get("status") or {}
        found = self._policies(wanted)
        refs = {name: ref for name, ref in found.items() if ref is not None}
        origin = origin_of(self._desk.cluster, wanted)
        seen = status.get("observedSourceRevision", "")
        full = status.get("observedPolicies", {}) != refs or origin.switches or bool(wanted.refspec) or not seen
        checkout = check_out(self._forge, origin, known=not full)
        if not full and checkout.revision == seen:
            self._end(old, obj, wanted, cause, quiet="no change since last reconciliation")
            return
        edits = self._edits(wanted, checkout, refs)
        self._journal.looked(wanted, checkout.repository.name, edits, undecided=found.keys() - refs.keys())
        obj = _observed(obj, checkout.revision, refs)
        if not edits.changes:
            self._end(old, obj, wanted, cause)
            return
        pushed = self._push(wanted, origin, checkout, edits)
        if not origin.switches:
            obj = with_path(obj, ("status", "observedSourceRevision"), f"{pushed.branch}@sha1:{pushed.commit}")
        obj = with_path(obj, ("status", "lastPushCommit"), pushed.commit)
        obj = with_path(obj, ("status", "lastPushTime"), self._desk.now)
        self._reports.succeeded(old, obj, _READY, news=pushed.summary)
        self._journal.pushed(wanted, checkout.repository.name, edits.changes, pushed)

    def _end(self, old: Object, obj: Object, wanted: Automation, cause: Cause, *, quiet: str = "") -> None:
        """There was nothing to write."""
        self._reports.succeeded(old, obj, _READY, quiet=quiet)
        if cause == "request":
            self._journal.up_to_date(wanted.key)
        else:
            self._journal.calm(wanted.key)

    def _policies(self, wanted: Automation) -> dict[str, Mapping[str, str] | None]:
        """What the policies that it follows have chosen, if anything, by their name. Raises RunFailed."""
        try:
            found = self._desk.cluster.list(IMAGE_POLICIES, wanted.key.namespace, labels=_selector(wanted.selector or {}))
        except ApiError as error:
            what = f"failed to parse policy selector: {error.message}"
            raise RunFailed("InvalidPolicySelector", what, "mend spec.policySelector", for_good=True) from None
        return {obj["metadata"]["name"]: get_path(obj, ("status", "latestRef")) for obj in found}

    def _edits(self, wanted: Automation, checkout: Checkout, refs: Refs) -> Edits:
        path = folder_of(wanted.path)
        tree = checkout.repository.tree(checkout.base)
        folder, _, file = path.rpartition("/") if path and tree.look(path) == "file" else (path, "", "")
        try:
            return edited(tree.folder(folder), setters(refs, wanted.key.namespace), folder, only=file)
        except BadInput as error:
            number = int(hashlib.sha256(str(wanted.key).encode()).hexdigest()[:8], 16)
            place = f"/tmp/{wanted.source.namespace}-{wanted.source.name}{number}/{path}"
            what = f"failed to apply policies: walking path for files: lstat {place}: no such file or directory"
            raise RunFailed("UpdateFailed", what, error.mend) from None

    def _push(self, wanted: Automation, origin: Origin, checkout: Checkout, edits: Edits) -> Pushed:
        """Raises RunFailed."""
        data = template_data(wanted.key.namespace, wanted.key.name, edits.changes, wanted.values)
        return push(self._forge, wanted, origin, checkout, edits.contents, commit_message(wanted.template, data))


def _has_other_spec(change: Change) -> bool:
    """New files in Git are none of its business; another address, or branch, is."""
    old, new = change.old, change.object
    return old is not None and old["metadata"].get("generation") != new["metadata"].get("generation")


def _observed(obj: Object, revision: str, refs: Refs) -> Object:
    obj = with_path(obj, ("status", "observedSourceRevision"), revision)
    noted: Object = with_path(obj, ("status", "observedPolicies"), refs)
    return noted


def _selector(selector: Mapping[str, Any]) -> str:
    """A selector of labels as text. Raises RunFailed for an operator that there is not."""
    terms = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for rule in selector.get("matchExpressions") or ():
        form = _OPERATORS.get(rule["operator"])
        if form is None:
            what = f'failed to parse policy selector: "{rule["operator"]}" is not a valid label selector operator'
            raise RunFailed("InvalidPolicySelector", what, "use In, NotIn, Exists or DoesNotExist", for_good=True)
        terms.append(form.format(rule["key"], ",".join(rule.get("values") or ())))
    return ",".join(terms)
