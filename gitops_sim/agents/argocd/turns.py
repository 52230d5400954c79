"""The turns of Applications: when each is looked at, when its operation goes on, and when Git is asked about it."""

from __future__ import annotations

from collections.abc import Iterable

from gitops_sim.agents.argocd import status
from gitops_sim.agents.argocd.application import KIND, NAMESPACE, Source
from gitops_sim.agents.argocd.deletion import Deletion
from gitops_sim.agents.argocd.desired import LoadFailedError
from gitops_sim.agents.argocd.memory import Cause, Level, Memory
from gitops_sim.agents.argocd.operate import Operator
from gitops_sim.agents.argocd.polls import Polls
from gitops_sim.agents.argocd.refresh import REFRESH, Refresher, Workshop
from gitops_sim.agents.argocd.settings import Polling
from gitops_sim.clock import Priority
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.store import Change
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.forge import Forge
from gitops_sim.objects import Key, Object, annotations_of, get_path
from gitops_sim.randomness import Randomness


class Turns:
    """What is remembered of each Application, and its places in the queues. ``polling`` says how often Git is asked."""

    def __init__(self, shop: Workshop, forge: Forge, randomness: Randomness, polling: Polling) -> None:
        self._shop, self._forge = shop, forge
        self._memory: dict[Key, Memory] = {}
        self.polls = Polls(shop.clock, randomness, f"argocd/{shop.cluster.name}", polling, self._poll)
        forge.on_push(self.polls.pushed)
        self._looks = WorkQueue(shop.clock, self._look, priority=Priority.AGENT)
        self._operations = WorkQueue(shop.clock, self._operate, priority=Priority.AGENT)
        self._refresher = Refresher(shop, self.ask, self._next_poll)
        self._operator = Operator(shop, self._operations.add, self.ask)

    def recall(self, key: Key) -> Memory:
        """What is remembered of an Application, of a new one nothing yet."""
        return self._memory.setdefault(key, Memory())

    def ask(self, key: Key, delay: float, level: Level, cause: Cause) -> None:
        """Asks for a look at an Application, if it is known, in ``delay`` seconds."""
        memory = self._memory.get(key)
        if memory is None:
            return
        memory.ask(level, cause)
        self._looks.add(key, delay)

    def look_now(self, key: Key) -> None:
        self._looks.forget(key)
        self._look(key)

    def operate_now(self, key: Key) -> None:
        self._operations.forget(key)
        self._operate(key)

    def poll_as(self, polling: Polling) -> None:
        """From now on Git is asked so often."""
        self.polls.change(polling, self._memory)

    # ------------------------------------------------------------------ what changes

    def adopt(self, obj: Object) -> None:
        key = application_key(obj)
        self.recall(key)
        self._shop.journal.several = len(self._memory) > 1
        self.ask(key, 0.0, Level.FORCE, "new")
        if obj.get("operation"):
            self._operations.add(key)
        self.polls.plan(key)

    def application_changed(self, change: Change) -> None:
        """An Application was made, changed or deleted."""
        key, new, old = change.key, change.object, change.old
        if change.type == "DELETED":
            self._forget(key, new)
            return
        if old is None or key not in self._memory:
            self.adopt(new)
            return
        if new.get("operation") and new.get("operation") != old.get("operation"):
            self._operations.add(key)
        if new.get("spec") != old.get("spec"):
            moved = get_path(new, ("spec", "source")) != get_path(old, ("spec", "source"))
            self.ask(key, 0.0, Level.FORCE if moved else Level.LATEST, "spec")
        if REFRESH in annotations_of(new):
            self.ask(key, 0.0, Level.FORCE, "refresh")
        elif annotations_of(new) != annotations_of(old) or new["metadata"].get("deletionTimestamp"):
            self.ask(key, 0.0, Level.RECENT, "spec")

    def live_changed(self, key: Key, instances: Iterable[str]) -> None:
        """An object changed that concerns Applications."""
        for instance in instances:
            namespace, _, name = instance.rpartition("_")
            app = Key("argoproj.io", "Application", namespace or NAMESPACE, name)
            if app in self._memory:
                self.ask(app, 0.0, Level.RECENT, "watch")

    def _forget(self, key: Key, obj: Object) -> None:
        memory = self._memory.pop(key, None)
        if memory is not None:
            memory.unwant(memory.read(obj).instance)
        self._shop.journal.several = len(self._memory) > 1
        self._looks.forget(key)
        self._operations.forget(key)
        self._shop.sources.forget(key)
        self._shop.comparer.forget(key)
        self.polls.forget(key)

    # ------------------------------------------------------------------ the turns

    def _look(self, key: Key) -> None:
        self.polls.wake(key)
        try:
            self._look_at(key)
        except ApiError as error:
            self._refused(key, error)

    def _operate(self, key: Key) -> None:
        try:
            self._operate_on(key)
        except ApiError as error:
            self._refused(key, error)

    def _refused(self, key: Key, error: ApiError) -> None:
        """The cluster does not let it do its work: it says so, once, and tries again when it polls."""
        if error.code != 403:
            raise error
        if self.recall(key).once(f"refused: {error.message}"):
            self._shop.journal.refused(key, error.message)

    def _look_at(self, key: Key) -> None:
        obj, memory = self._current(key)
        if obj is None or memory is None:
            return
        app = memory.read(obj)
        if app.skipped:
            if memory.once("skipped"):
                text = f"leaves {app.name} alone: it is annotated skip-reconcile"
                self._shop.journal.add(app, "ReconcileSkipped", text, reason="argocd.argoproj.io/skip-reconcile: true")
        elif obj["metadata"].get("deletionTimestamp") and obj.get("operation"):
            self._operations.add(key)  # it is seen to its end first
        elif obj["metadata"].get("deletionTimestamp"):
            Deletion(self._shop, obj, app, memory).step()
        else:
            self._refresher.refresh(obj, app, memory)
            if status.in_progress(status.of(obj)):
                self._operations.add(key)

    def _operate_on(self, key: Key) -> None:
        obj, memory = self._current(key)
        if obj is not None and memory is not None and not memory.read(obj).skipped:
            self._operator.operate(obj, memory.read(obj), memory)

    def _poll(self, key: Key) -> None:
        """A poll that finds nothing costs one look at a revision: no record, no write; and then the Application sleeps."""
        memory = self.recall(key)
        if memory.settled and memory.app is not None:
            try:
                if self._shop.sources.resolve(memory.app.source) == memory.revision:
                    if not memory.app.source.parts:
                        self._let_sleep(key, memory.app.source, memory.revision)
                    return
            except LoadFailedError:
                pass  # the closer look tells what is wrong
        memory.ask(Level.LATEST, "poll")
        self.look_now(key)

    def _let_sleep(self, key: Key, source: Source, revision: str) -> None:
        """Until its branch moves; what follows anything but a branch stays awake."""
        try:
            repository = self._forge.repository(source.repo_url)
            wanted = source.target_revision.removeprefix("refs/heads/")
            branch = repository.default_branch if wanted in ("", "HEAD") else wanted
            if repository.tip(branch) == revision:
                self.polls.sleep(key, repository, branch)
        except BadInput:
            pass

    def _next_poll(self, key: Key) -> float:
        due = self.polls.next(key)
        return self._shop.clock.now if due is None else due

    def _current(self, key: Key) -> tuple[Object | None, Memory | None]:
        return self._shop.cluster.find(KIND, key.name, key.namespace), self._memory.get(key)


def application_key(obj: Object) -> Key:
    meta = obj["metadata"]
    return Key("argoproj.io", "Application", meta.get("namespace") or NAMESPACE, meta["name"])
