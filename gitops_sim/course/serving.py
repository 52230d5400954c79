"""An exercise that is served: what the real kubectl and the real git do in it lands in the learner's action log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gitops_sim.actions import MOST_ACTIONS
from gitops_sim.errors import BadInput
from gitops_sim.forge.front import Front
from gitops_sim.hosting import Host

if TYPE_CHECKING:
    from gitops_sim.api import Request, Response
    from gitops_sim.course.session import Session
    from gitops_sim.output import Output

_MOST_LOOKS = MOST_ACTIONS // 2
"""Looks are kept, too, for a check may ask what was seen; not so many that there is no room for what is done."""


class ServedSession(Host):
    """The host of an exercise. Before each turn it takes up what other windows did, so that the terminal and the server can be
    used in turn; after an undo there it shows another world, in the same folder of repositories."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.world)
        self._session = session
        self._folder = (session.workspace.folder / "git" / session.exercise.id).absolute()
        self._front: Front | None = None

    @property
    def git(self) -> str:
        return str(self._folder)

    def begin(self) -> None:
        super().begin()
        self._open()

    def end(self) -> None:
        if self._front is not None:
            self._front.close()
            self._front = None
            with self.turn():
                self.keep()

    @contextmanager
    def turn(self) -> Iterator[None]:
        session = self._session
        with session.workspace.lock(), self.world.turn:
            session.catch_up()
            if session.world is not self.world:
                session.world.turn, self.world = self.world.turn, session.world
                self._open()
            yield

    def advance(self, to: float) -> None:
        super().advance(min(to, self._session.exercise.ends))

    def request(self, request: Request, cluster: str) -> Response:
        session, rules, before = self._session, self._session.exercise.rules, len(self.world.actions)
        looks = rules.allows("kubectl", ("get",)) and len(session.log.actions) < _MOST_LOOKS
        response = self.world.request(request, cluster=cluster, allow=session.allow, looks=looks)
        if len(self.world.actions) > before:
            session.keep(self.world.actions[before])
        return response

    def press(self, args: str, cluster: str) -> Output:
        return self._session.dashboard(args, cluster=cluster)

    def notice_pushes(self) -> None:
        if self._front is None:
            return
        for fields in self._front.take():
            try:
                self._session.do("push", **fields)
            except BadInput as error:
                self._session.workspace.notes.append(f"A push to {fields['repo']} was not taken: {error}")
        self._front.show()

    def keep(self) -> None:
        if self._session.now != self.world.now:
            self._session.keep()

    def _open(self) -> None:
        self._front = Front(self._folder, self.world.git, self._session.exercise.rules.refusals)
