"""A world while it is served: whose turn it is, and what requests, pushes and the passing of time do in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gitops_sim.api import Request, Response
    from gitops_sim.output import Output
    from gitops_sim.world import World


class Turn:
    """Whose turn it is to touch a served world: ``with world.turn:``. A copy of the world has no server, and needs none."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return nullcontext()


class Host:
    """What a server does to a world, one thing after the other, each inside :meth:`turn`. Times are simulated seconds."""

    def __init__(self, world: World) -> None:
        self.world = world
        """Another one, once it had to be built anew."""

    @property
    def git(self) -> str:
        """The folder of the bare repositories that the real git clones from and pushes to."""
        return str(self.world.git.folder)

    def begin(self) -> None:
        """Called once, before the first turn."""
        self.world.turn = Turn()

    def end(self) -> None:
        """Called once, after the last turn."""

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody else touches the world meanwhile."""
        with self.world.turn:
            yield

    def advance(self, to: float) -> None:
        """Runs what is due before ``to``, if that is still to come. People act before what else happens at an instant, so that
        the clock stands right before its next event."""
        if to > self.world.now:
            self.world.clock.run_before(to)

    def request(self, request: Request, cluster: str) -> Response:
        """Answers a request to the API."""
        return self.world.request(request, cluster=cluster)

    def press(self, args: str, cluster: str) -> Output:
        """Presses a button of the dashboard of a cluster's Argo CD, in words; ``cluster`` is empty for the first one."""
        return self.world.do("dashboard", args=args, **({"cluster": cluster} if cluster else {}))

    def notice_pushes(self) -> None:
        """Takes up what the real git pushed."""
        self.world.notice_pushes()

    def keep(self) -> None:
        """Called about once a second: a good time to write down where the world stands."""
