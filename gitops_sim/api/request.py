"""One request to the API, as a server, a recording or an action log hands it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qs, unquote, urlsplit

from gitops_sim.cluster.cluster import ADMIN

MASTERS = "system:masters"


@dataclass(frozen=True)
class Request:
    """``target`` is the path with its query, as it stands in the request line. Names of ``headers`` are in lower case.

    ``user`` and ``groups`` are who asks; that is known already: the function that answers asks for no password."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    user: str = ADMIN
    groups: tuple[str, ...] | None = (MASTERS, "system:authenticated")
    """None: those that the cluster knows of the user."""

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """The parts of the path between its slashes, decoded."""
        return tuple(unquote(step) for step in self.path.strip("/").split("/"))

    @cached_property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @cached_property
    def query(self) -> Mapping[str, list[str]]:
        if "?" not in self.target:
            return {}
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    def option(self, name: str) -> str:
        """The first value of a query parameter; empty when it is not given."""
        values = self.query.get(name)
        return values[0] if values else ""

    def flag(self, name: str) -> bool:
        """``1``, ``true`` and a bare parameter are true."""
        values = self.query.get(name)
        return bool(values) and values[0].lower() not in ("0", "false")  # type: ignore[index]

    @property
    def about(self) -> str:
        """What the path names, for people: ``deployments/web/scale``."""
        steps = self.steps[2:] if self.steps[0] == "api" else self.steps[3:]
        inner = len(steps) > 2 and steps[0] == "namespaces" and steps[2] not in ("status", "finalize")
        return "/".join(steps[2:] if inner else steps)

    @property
    def content_type(self) -> str:
        """Without its parameters; what has none is taken for JSON, as the API server does."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() or "application/json"

    @property
    def actor(self) -> str:
        """Who acts: the user, or the one as whom they ask to act."""
        return self.headers.get("impersonate-user") or self.user

    @property
    def manager(self) -> str:
        """Whose fields a write sets: ``fieldManager``, else the first word of the User-Agent."""
        return self.option("fieldManager") or self.headers.get("user-agent", "").partition("/")[0][:128] or "unknown"

    @property
    def session(self) -> str:
        """What kubectl calls one run of a command; the same in all its requests, empty for other clients."""
        return self.headers.get("kubectl-session", "")

    @property
    def command(self) -> str:
        """The command of kubectl that asks, as it says itself: ``kubectl set image``. Empty for other clients."""
        said = " ".join(self.headers.get("kubectl-command", "").split())[:128]
        return said if said.startswith("kubectl ") and said.isascii() and said.isprintable() else ""
