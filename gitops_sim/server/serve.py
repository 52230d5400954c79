"""Serving a world: an event loop on a thread of its own, on which the requests and the clock take turns."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitops_sim.api import Request, Response
from gitops_sim.cluster.access import User, authenticate
from gitops_sim.errors import BadInput
from gitops_sim.hosting import Host
from gitops_sim.output import Output
from gitops_sim.server.pace import Pace
from gitops_sim.verbs import LEARNER

if TYPE_CHECKING:
    from aiohttp import web

    from gitops_sim.world import World

HOST = "127.0.0.1"
GROUPS = ("system:masters", "system:authenticated")
_TICK = 0.1
"""Real seconds between two looks for what the real git pushed, and for what others did in an exercise that is served."""
_KEEP = 1.0
"""Real seconds after which the host may write down where the world stands."""


class Served:
    """A world that is being served. ``kubeconfig`` is a file for kubectl, ``server`` a URL, ``git`` the folder of the bare
    repositories, from which the real git can clone and to which it can push."""

    def __init__(self, host: Host, cluster: str, port: int, speed: float, kubeconfig: Path | None, ui_port: int = 0) -> None:
        if not 0 <= speed <= 1e6:
            raise BadInput(f"a speed of {speed:g} cannot be kept", mend="give simulated seconds a second, 0 to 1000000")
        self.host, self.speed = host, speed
        self._cluster, self._port, self._ui_port = cluster, port, ui_port
        self._name = host.world.cluster(cluster).name
        self._own_folder = None if kubeconfig is not None else tempfile.mkdtemp(prefix="gitops-sim-")
        self.kubeconfig = kubeconfig if kubeconfig is not None else Path(self._own_folder or "") / "kubeconfig"
        self.server = ""
        self.ui = ""
        """The link to the dashboard's pages; it opens once."""
        self._app: Any = None
        self._shown = host.world
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._poke: asyncio.Event | None = None
        self._ready = threading.Event()
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="gitops-sim-server", daemon=True)

    def __repr__(self) -> str:
        return f"Served({self.server!r}, kubeconfig={str(self.kubeconfig)!r})"

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def git(self) -> str:
        """The folder of the bare repositories."""
        return self.host.git

    @property
    def world(self) -> World:
        """What is served."""
        return self.host.world

    @property
    def watchers(self) -> int:
        """How many watches there are at the moment."""
        return int(self._app.watchers) if self._app is not None else 0

    def start(self) -> Served:
        """Returns when requests are taken. Raises BadInput when the port is not to be had."""
        self.host.begin()
        self._thread.start()
        self._ready.wait()
        if self._problem is not None:
            self._thread.join()
            self.host.end()
            raise self._problem
        return self

    def stop(self) -> None:
        """Ends all watches and takes no more requests; the world stays as it is."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self.host.end()
        if self._own_folder is not None:
            shutil.rmtree(self._own_folder, ignore_errors=True)

    @property
    def running(self) -> bool:
        """Whether it takes requests."""
        return self._thread.is_alive()

    # ------------------------------------------------------------------ on the thread

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._problem = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        from aiohttp import web

        from gitops_sim.server.app import App
        from gitops_sim.server.credentials import make_credentials
        from gitops_sim.server.kubeconfig import write_kubeconfig
        from gitops_sim.server.ui.open import open_pages
        from gitops_sim.server.ui.site import Hands

        credentials = make_credentials(LEARNER, GROUPS)
        self._pace = Pace(self.world.now, self.speed)
        self._stop, self._poke = asyncio.Event(), asyncio.Event()
        self._app = App(self._answer, self._identify, credentials)
        runner = web.AppRunner(
            self._app.web, access_log=None, handle_signals=False, handler_cancellation=True, shutdown_timeout=1.0
        )
        await runner.setup()
        pages: web.AppRunner | None = None
        try:
            site = web.TCPSite(runner, HOST, self._port, ssl_context=credentials.context(), backlog=512)
            try:
                await site.start()
            except OSError as error:
                what = f"port {self._port} cannot be had: {error.strerror}"
                raise BadInput(what, mend="leave --port away, or name another one") from None
            port = runner.addresses[0][1]
            self.server = f"https://{HOST}:{port}"
            write_kubeconfig(self.kubeconfig, self._name, self.server, credentials)
            self._loop = asyncio.get_running_loop()
            pages, self.ui = await open_pages(
                Hands(self._visit, self._press, self._skip), self._cluster, credentials, HOST, self._ui_port
            )
            self._ready.set()
            driver = asyncio.create_task(self._drive())
            await asyncio.wait({asyncio.create_task(self._stop.wait()), driver}, return_when=asyncio.FIRST_COMPLETED)
            driver.cancel()
            self._app.moved()
        finally:
            if pages is not None:
                await pages.cleanup()
            assert runner.server is not None
            open_still = [connection.transport for connection in runner.server.connections]
            await runner.cleanup()
            for transport in open_still:  # a client that keeps its connection would leave the end of TLS unanswered
                if transport is not None:
                    transport.abort()
            await asyncio.sleep(0)

    def _answer(self, request: Request) -> Response:
        """One turn: the time that has passed meanwhile, then the request, then what the controllers make of it."""
        with self._turn():
            response = self.host.request(request, self._cluster)
            if response.wrote:
                self._poked()
        return response

    @contextmanager
    def _visit(self) -> Iterator[World]:
        with self._turn():
            yield self.world

    def _skip(self, seconds: float) -> None:
        """Lets time pass at once, inside a turn; the pace goes on from there."""
        self.host.advance(self.world.now + seconds)
        self._poked()

    def _press(self, args: str, cluster: str) -> Output:
        output = self.host.press(args, cluster)
        self._poked()
        return output

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The host's turn, with the time that has passed and the pushes that came until it began."""
        with self.host.turn():
            world = self.world
            if world is not self._shown:
                self._shown = world
                self._app.end_watches()
            self.host.advance(self._pace.due(world.now))
            self.host.notice_pushes()
            self._pace.left_at(world.now)
            yield

    def _identify(self, token: str) -> User | None:
        with self.host.turn():
            return authenticate(self.world.cluster(self._cluster), token)

    def _poked(self) -> None:
        assert self._poke is not None
        self._poke.set()
        self._app.moved()

    async def _drive(self) -> None:
        """Lets time pass, looks for pushes, and wakes the watches when anything changed."""
        assert self._poke is not None
        seen, kept = -1, 0.0
        loop = asyncio.get_running_loop()
        while True:
            self._poke.clear()
            try:
                async with asyncio.timeout(self._pace.wait(self.world.now, self.world.clock.next_event, _TICK)):
                    await self._poke.wait()
            except TimeoutError:
                pass
            with self._turn():
                revision = self.world.cluster(self._cluster).store.revision
                if loop.time() - kept > _KEEP:
                    kept = loop.time()
                    self.host.keep()
            if revision != seen:
                seen = revision
                self._app.moved()


def serve(
    host: Host,
    *,
    cluster: str = "",
    port: int = 0,
    speed: float = 1.0,
    kubeconfig: str | Path | None = None,
    ui_port: int = 0,
) -> Served:
    """Serves one cluster of a world on loopback and answers when it is ready. See :meth:`gitops_sim.world.World.serve`."""
    try:
        import aiohttp  # noqa: F401
        import cryptography  # noqa: F401
    except ImportError as error:
        raise BadInput(f"serving needs {error.name}", mend="pip install 'gitops-sim[serve]'") from None
    return Served(host, cluster, port, speed, Path(kubeconfig) if kubeconfig is not None else None, ui_port).start()
