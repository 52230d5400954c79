"""Who may see the pages and press their buttons.

A link with a token opens once and leaves a cookie. The API's own token opens as well, typed into a form or sent as a header.
Forms carry a token of their session, so that no other page can press a button; requests for another host are turned down, so
that no other name can be made to mean this server.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

_MOST_SESSIONS = 32
_SAFE = ("GET", "HEAD")


@dataclass(slots=True)
class Session:
    """One browser that was let in. ``form`` is the token of its forms, ``told`` what the next page says first."""

    form: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    told: str = ""

    def take(self) -> str:
        told, self.told = self.told, ""
        return told


class Door:
    """``admits`` tells whether an ``Authorization`` header holds the token of the API."""

    def __init__(self, admits: Callable[[str], bool]) -> None:
        self._admits = admits
        self._once = secrets.token_urlsafe(24)
        self._sessions: dict[str, Session] = {}
        self._scripts = Session()
        self.port = 0
        """Where it listens; known when it does."""

    @property
    def link(self) -> str:
        """The address that opens, once."""
        return f"http://127.0.0.1:{self.port}/ui/?token={self._once}"

    @property
    def cookie(self) -> str:
        """Cookies are shared by all ports of a machine: the name tells one server's from another's."""
        return f"gitops-sim-{self.port}"

    def at_home(self, request: web.Request) -> bool:
        """Whether the request is for this server by its own name."""
        return request.host in (f"127.0.0.1:{self.port}", f"localhost:{self.port}")

    def session(self, request: web.Request) -> Session | None:
        """Whose request it is; None for a stranger's."""
        if "Authorization" in request.headers:
            return self._scripts if self._admits(request.headers["Authorization"]) else None
        return self._sessions.get(request.cookies.get(self.cookie, ""))

    def opens_by_link(self, token: str) -> bool:
        """Whether it is the token of the link, the first time. The API's token is none for addresses: histories keep them."""
        if not self._once or not hmac.compare_digest(token.encode("utf-8", "replace"), self._once.encode()):
            return False
        self._once = ""
        return True

    def opens_by_form(self, token: str) -> bool:
        """Whether a token that somebody typed lets in: the API's, or the one of the link."""
        return self.opens_by_link(token.strip()) or self._admits(f"Bearer {token.strip()}")

    def welcome(self, response: web.StreamResponse) -> None:
        """Begins a session, with the cookie that it is known by."""
        while len(self._sessions) >= _MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        name = secrets.token_urlsafe(32)
        self._sessions[name] = Session()
        response.set_cookie(self.cookie, name, path="/ui", httponly=True, samesite="Lax")

    def meant(self, request: web.Request, session: Session, form: str) -> bool:
        """Whether a form came from a page of ours. A script that sends the API's token needs no form."""
        if request.method in _SAFE or session is self._scripts:
            return True
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.host}":
            return False
        return hmac.compare_digest(form.encode("utf-8", "replace"), session.form.encode())
