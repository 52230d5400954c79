"""The HTTP side: who asks, what they send, and what goes back, also for as long as a watch lasts."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from typing import Any

from aiohttp import web

from gitops_sim.api import Following, Request, Response
from gitops_sim.api.bodies import LARGEST, too_large
from gitops_sim.api.response import failure
from gitops_sim.cluster.access import User
from gitops_sim.errors import ApiError
from gitops_sim.server.credentials import Credentials

_BOOKMARKS = 60.0
_PATIENCE = 30.0
"""Real seconds that a client may take to read what it is sent, or to send what it announced."""
_WORTH_PACKING = 128 * 1024
_KEPT = (
    "accept",
    "content-type",
    "user-agent",
    "host",
    "authorization",
    "impersonate-user",
    "kubectl-command",
    "kubectl-session",
)


class App:
    """``answer`` is called with one request at a time, on the thread of the event loop; ``identify`` tells whose token it is,
    if it is one that the cluster gave."""

    def __init__(
        self, answer: Callable[[Request], Response], identify: Callable[[str], User | None], credentials: Credentials
    ) -> None:
        self._answer, self._identify, self._credentials = answer, identify, credentials
        self._moved = asyncio.Event()
        self._worlds = 0
        self.watchers = 0
        """How many watches there are."""
        self.web = web.Application(client_max_size=LARGEST + 1)
        self.web.router.add_route("*", "/{path:.*}", self._respond)

    def moved(self) -> None:
        """Something changed: the watches look for themselves."""
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def end_watches(self) -> None:
        """There is another world now, of which the watches that there are know nothing."""
        self._worlds += 1
        self.moved()

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        who = self._who(request)
        if who is None:
            return await self._send(request, failure(ApiError(401, "Unauthorized", "Unauthorized")))
        try:
            body = await self._body(request)
        except ApiError as error:
            refused = await self._send(request, failure(error))
            refused.force_close()
            return refused
        headers = {name: request.headers[name] for name in _KEPT if name in request.headers}
        if "Impersonate-Group" in request.headers:
            headers["impersonate-group"] = ",".join(request.headers.getall("Impersonate-Group"))
        user, groups = who
        try:
            response = self._answer(Request(request.method, request.raw_path, headers, body, user, groups))
        except Exception:
            traceback.print_exc()
            response = failure(ApiError(500, "InternalError", "this is a bug in gitops-sim, not in what you sent", details={}))
        if response.watch is not None:
            return await self._stream(request, response.watch)
        return await self._send(request, response)

    def _who(self, request: web.Request) -> tuple[str, tuple[str, ...] | None] | None:
        certificate: Any = request.transport.get_extra_info("peercert") if request.transport is not None else None
        header = request.headers.get("Authorization", "")
        if self._credentials.admits(header, certificate):
            return self._credentials.user, None
        kind, _, token = header.partition(" ")
        known = self._identify(token.strip()) if kind.lower() == "bearer" else None
        return (known.name, known.groups) if known is not None else None

    async def _body(self, request: web.Request) -> bytes:
        """Raises ApiError 413 for one that is too large, before it is read as far as that can be known."""
        if not request.can_read_body:
            return b""
        if (request.content_length or 0) > LARGEST:
            raise too_large()
        try:
            async with asyncio.timeout(_PATIENCE):
                return await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise too_large() from None
        except TimeoutError:
            raise ApiError(408, "Timeout", "the body of the request did not arrive in time", details={}) from None

    async def _send(self, request: web.Request, response: Response) -> web.Response:
        sent = web.Response(status=response.status, body=response.body, headers=dict(response.headers))
        sent.headers["Content-Type"] = response.content_type
        for warning in response.warnings:
            sent.headers.add("Warning", warning)
        sent.headers["Audit-Id"] = "00000000-0000-0000-0000-000000000000"
        if len(response.body) > _WORTH_PACKING and "gzip" in request.headers.get("Accept-Encoding", ""):
            sent.enable_compression(web.ContentCoding.gzip)
        return sent

    async def _stream(self, request: web.Request, watch: Following) -> web.StreamResponse:
        """Until the watch's time is over, it failed, or nobody listens any more."""
        loop = asyncio.get_running_loop()
        end, world = loop.time() + watch.timeout, self._worlds
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Cache-Control": "no-cache, private"})
        response.enable_chunked_encoding()
        self.watchers += 1
        try:
            async with asyncio.timeout(watch.timeout + _PATIENCE):
                await response.prepare(request)
                while True:
                    moved = self._moved
                    lines = watch.take()
                    if lines:
                        await response.write(b"".join(lines))
                    left = end - loop.time()
                    if watch.ended or left <= 0 or world != self._worlds:
                        break
                    if moved.is_set():
                        continue
                    try:
                        async with asyncio.timeout(min(left, _BOOKMARKS)):
                            await moved.wait()
                    except TimeoutError:
                        await response.write(b"".join(watch.bookmark()))
                await response.write_eof()
        except (ConnectionError, TimeoutError):
            response.force_close()
        finally:
            self.watchers -= 1
        return response
