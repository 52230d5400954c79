"""One response of the API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from gitops_sim.errors import ApiError
from gitops_sim.yaml_out import dump_yaml

_COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False)
JSON, YAML = "application/json", "application/yaml"


class Following(Protocol):
    """What goes on to be said after the head of a response, to a client that listens: lines of JSON, for ``timeout`` real
    seconds. ``ended`` is true when nothing more will come."""

    timeout: float
    ended: bool

    def take(self) -> list[bytes]:
        """What happened since the last call."""

    def bookmark(self) -> list[bytes]:
        """Where it stands, for a client that wants to know; empty for others."""


@dataclass(frozen=True, slots=True)
class Response:
    """``watch`` is set instead of ``body`` where events follow for as long as the client listens.

    ``wrote``: a verb of the cluster that may change something was called, whether it was refused or not."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    watch: Following | None = None
    wrote: bool = False

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


def encoded(value: Any) -> bytes:
    """JSON as the API server writes it: compact, UTF-8, with a line end."""
    return _COMPACT.encode(value).encode("utf-8", "surrogatepass") + b"\n"


def answer(
    value: Any, status: int = 200, *, media: str = JSON, pretty: bool = False, warnings: Iterable[str] = (), wrote: bool = False
) -> Response:
    """``value`` as JSON, or as YAML where the client asked for that."""
    said = tuple(f'299 - "{_quoted(text)}"' for text in dict.fromkeys(warnings) if text)
    if media == YAML:
        return Response(status, dump_yaml(value, sort_keys=True).encode(), YAML, warnings=said, wrote=wrote)
    body = json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass") if pretty else encoded(value)
    return Response(status, body, JSON, warnings=said, wrote=wrote)


def failure(error: ApiError, *, warnings: Iterable[str] = (), wrote: bool = False) -> Response:
    """The ``Status`` of a refused request."""
    if isinstance(error, NotServed):
        return Response(404, b"404 page not found\n", "text/plain; charset=utf-8")
    headers = {"Retry-After": str(error.details["retryAfterSeconds"])} if "retryAfterSeconds" in error.details else {}
    said = answer(error.status(), error.code, warnings=warnings)
    return Response(said.status, said.body, said.content_type, headers, said.warnings, wrote=wrote)


def _quoted(text: str) -> str:
    """The text of a Warning header: quotes and backslashes escaped, on one line."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return plain.replace("\\", "\\\\").replace('"', '\\"')


class NotServed(ApiError):
    """A path of a group or version that nobody serves: the answer is one line of text."""

    def __init__(self) -> None:
        super().__init__(404, "NotFound", "the server could not find the requested resource", details={})


def no_such_path() -> ApiError:
    return ApiError(404, "NotFound", "the server could not find the requested resource", details={})


def no_such_method() -> ApiError:
    return ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", details={})
