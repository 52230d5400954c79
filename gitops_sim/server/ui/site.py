"""The web pages of a served world: from a request to a page, and from a pressed button to an action."""

from __future__ import annotations

import asyncio
import re
import traceback
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from gitops_sim.clock import format_duration
from gitops_sim.errors import BadInput
from gitops_sim.output import Output
from gitops_sim.server.ui import forms, pages
from gitops_sim.server.ui.door import Door, Session
from gitops_sim.server.ui.frame import CSS, HEADERS, SCRIPT, SKIPS, Top, frame
from gitops_sim.server.ui.look import Look
from gitops_sim.server.ui.pages import Page
from gitops_sim.views.html import el
from gitops_sim.views.svg import esc

if TYPE_CHECKING:
    from gitops_sim.world import World

_TICK, _HEARTBEAT = 0.5, 10.0
"""Real seconds between two looks for news, and after which a page looks in any case."""
_LARGEST = 64 * 1024
_PATH = re.compile(r"/ui/[!-~]*")
"""Where to go back to: a place on this server."""
_APP = "/ui/applications/{namespace}/{name}"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Make = Callable[[Look, str, web.Request], Page]
"""A page from what is looked at, the token of its forms, and what is asked for."""


@dataclass(frozen=True, slots=True)
class Hands:
    """``turn`` gives the world for the moment, after the time that has passed meanwhile; ``press`` presses a button: its words,
    and in which cluster; ``skip`` lets so many simulated seconds pass at once."""

    turn: Callable[[], AbstractContextManager[World]]
    press: Callable[[str, str], Output]
    skip: Callable[[float], None]


class Site:
    """What a browser may do in the world of ``hands``: see its cluster, press buttons, and let time pass."""

    def __init__(self, hands: Hands, cluster: str, door: Door) -> None:
        self._hands, self._cluster, self._door = hands, cluster, door
        self._ended = asyncio.Event()
        self.web = web.Application(client_max_size=_LARGEST, middlewares=[self._guard])
        self.web.on_shutdown.append(self._end)
        add = self.web.router.add_route
        add("GET", "/", self._home)
        add("GET", "/ui", self._home)
        add("GET", "/ui/style.css", self._style)
        add("GET", "/ui/live.js", self._script)
        add("GET", "/ui/login", self._ask)
        add("POST", "/ui/login", self._login)
        add("GET", "/ui/moved", self._moved)
        add("GET", "/ui/", self._page(lambda look, form, r: pages.applications(look, form, r.query)))
        add("GET", "/ui/flux", self._page(lambda look, form, r: pages.flux_object(look, r.query)))
        add("GET", "/ui/timeline", self._page(lambda look, form, r: pages.story(look)))
        for tail, make in _PAGES.items():
            add("GET", _APP + tail, self._page(_of_application(make)))
        add("POST", "/ui/time", self._let_time_pass)
        for tail in ("sync", "refresh", "rollback", "terminate", "confirm", "delete", "delete-resource", "auto-sync"):
            add("POST", f"{_APP}/{tail}", self._press)

    # ------------------------------------------------------------------ the door

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Nobody gets past without a session, nothing is said to another host's name, and every answer has its headers."""
        try:
            response = await self._answer(request, handler)
        except web.HTTPException as error:
            response = self._problem(error.status, error.reason)
        except Exception:
            traceback.print_exc()
            response = self._problem(500, "this is a bug in gitops-sim, not in what you did")
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._door.at_home(request):
            return self._problem(421, "this server has another name: use the link that it printed")
        if request.path in ("/ui/style.css", "/ui/login"):
            return await handler(request)
        known, token = self._door.session(request) is not None, request.query.get("token")
        if token is not None and request.method == "GET":
            return await self._home(request) if known else self._let_in(token)
        if not known:
            return self._problem(401, "not signed in") if request.method != "GET" else self._stranger()
        return await handler(request)

    def _session(self, request: web.Request) -> Session:
        """Whose request it is that the guard let past."""
        session = self._door.session(request)
        assert session is not None
        return session

    def _let_in(self, token: str) -> web.Response:
        if not self._door.opens_by_link(token):
            return self._stranger("That link was used before: it opens once.")
        response = web.Response(status=303, headers={"Location": "/ui/"})
        self._door.welcome(response)
        return response

    def _stranger(self, told: str = "") -> web.Response:
        form = el(
            "form",
            el("p", "Use the link that the server printed when it started, or the token from its kubeconfig."),
            el("label", "Token ", el("input", type="password", name="token", autocomplete="off", required=True)),
            el("div", el("button", "Sign in", type="submit", class_="main-button"), class_="bar"),
            method="post",
            action="/ui/login",
            class_="panel",
        )
        return _html(frame("Sign in", form, told=told), 401)

    async def _ask(self, request: web.Request) -> web.Response:
        return self._stranger()

    async def _login(self, request: web.Request) -> web.Response:
        token = (await request.post()).get("token", "")
        if not self._door.opens_by_form(token if isinstance(token, str) else ""):
            return self._stranger("That is not the token.")
        response = web.Response(status=303, headers={"Location": "/ui/"})
        self._door.welcome(response)
        return response

    # ------------------------------------------------------------------ pages

    def _page(self, make: Make) -> Handler:
        async def respond(request: web.Request) -> web.Response:
            session = self._session(request)
            try:
                with self._hands.turn() as world:
                    look = Look(world, self._cluster)
                    page, place, clock = make(look, session.form, request), look.place, look.clock
            except BadInput as error:
                return self._problem(404, error.what, error.mend)
            told = session.take() if request.headers.get("Sec-Fetch-Mode") != "cors" else ""
            top = Top(place, clock, session.form, request.path_qs)
            text = frame(page.title, page.body, top, told=told, crumbs=page.crumbs, live=page.live)
            return _html(text)

        return respond

    async def _home(self, request: web.Request) -> web.Response:
        return web.Response(status=303, headers={"Location": "/ui/"})

    async def _style(self, request: web.Request) -> web.Response:
        return web.Response(text=CSS, content_type="text/css")

    async def _script(self, request: web.Request) -> web.Response:
        return web.Response(text=SCRIPT, content_type="text/javascript")

    async def _moved(self, request: web.Request) -> web.StreamResponse:
        """A line whenever something happened, for pages that follow; it ends with the server."""
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        seen, since = self._mark(), 0.0
        while not self._ended.is_set():
            try:
                async with asyncio.timeout(_TICK):
                    await self._ended.wait()
            except TimeoutError:
                since += _TICK
            mark = self._mark()
            if mark != seen or since >= _HEARTBEAT:
                seen, since = mark, 0.0
                try:
                    await response.write(b"data: moved\n\n")
                except ConnectionError:
                    break
        return response

    def _mark(self) -> tuple[int, ...]:
        with self._hands.turn() as world:
            return len(world.trace), *(cluster.store.revision for cluster in world.clusters.values())

    async def _end(self, _: web.Application) -> None:
        self._ended.set()

    # ------------------------------------------------------------------ buttons

    async def _sent(self, request: web.Request, session: Session) -> dict[str, list[str]]:
        """The fields of a form. Raises HTTPForbidden for one that is not from a page of ours."""
        posted = await request.post()
        sent = {name: [str(value) for value in posted.getall(name)] for name in posted}
        if not self._door.meant(request, session, next(iter(sent.get("form", ())), "")):
            raise web.HTTPForbidden(reason="This form is not from a page of this server: open the page again")
        return sent

    async def _let_time_pass(self, request: web.Request) -> web.Response:
        session = self._session(request)
        sent = await self._sent(request, session)
        seconds = next((by for by, _ in SKIPS if [str(by)] == sent.get("by")), 0)
        with self._hands.turn() as world:
            before = world.now
            self._hands.skip(seconds)
            session.told = f"{format_duration(world.now - before)} later"
        back = next(iter(sent.get("back", ())), "")
        return web.Response(status=303, headers={"Location": back if _PATH.fullmatch(back) else "/ui/"})

    async def _press(self, request: web.Request) -> web.Response:
        session = self._session(request)
        sent = await self._sent(request, session)
        namespace, name = request.match_info["namespace"], request.match_info["name"]
        button, back = request.path.rpartition("/")[2], "/ui/"
        try:
            with self._hands.turn() as world:
                look = Look(world, self._cluster)
                app = look.application(namespace, name)[2]
                back = forms.address(app)
                session.told = str(self._hands.press(forms.click(button, app, sent), look.agents_cluster))
                back = "/ui/" if button == "delete" else back
        except BadInput as error:
            session.told = error.what + (f": {error.mend}" if error.mend else "")
        return web.Response(status=303, headers={"Location": back})

    def _problem(self, status: int, what: str, mend: str = "") -> web.Response:
        body = el("p", esc(what)) + (el("p", esc(mend)) if mend else "") + el("p", el("a", "To the Applications", href="/ui/"))
        return _html(frame("Not found" if status == 404 else "Problem", body), status)


_PAGES: dict[str, Callable[[Look, str, str, str, pages.Query], Page]] = {
    "": pages.application,
    "/decisions": pages.every_decision,
    "/delete": pages.delete,
    "/delete-resource": pages.delete_resource,
    "/details": pages.details,
    "/diff": pages.diff,
    "/history": pages.deployments,
    "/resource": pages.resource,
    "/rollback": pages.rollback,
    "/sync": pages.sync,
    "/sync-status": pages.sync_status,
}


def _of_application(make: Callable[[Look, str, str, str, pages.Query], Page]) -> Make:
    return lambda look, form, r: make(look, form, r.match_info["namespace"], r.match_info["name"], r.query)


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")
