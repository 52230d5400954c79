"""The one door to a real API server: patient with a server that is busy, gone for a while, or that no longer knows us.

Whatever it waits for it says once, and again when that is over. A write whose answer was lost is sent again, and its answer
says so (:attr:`Answer.repeated`), so that nobody mistakes the echo of the first for a conflict.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gitops_sim.errors import ApiError, BadInput
from gitops_sim.kind.context import KindContext

PATIENCE = 900.0
"""Seconds for which it waits for a server that does not answer, or for credentials that are accepted."""
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 15.0
_TIMEOUTS = (5.0, 60.0)
"""Seconds to connect, and to wait for an answer."""
_BUSY = (429, 503)
_STUMBLED = (500, 502, 504)

Query = Mapping[str, str]


class Unreachable(BadInput):
    """The server could not be reached for as long as anybody was willing to wait."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``repeated``: an earlier try of the same request may have been carried out already."""

    status: int
    body: Any
    repeated: bool = False

    def object(self) -> Any:
        """The body. Raises ApiError when it is a failure."""
        if self.status < 400:
            return self.body
        body = self.body if isinstance(self.body, Mapping) else {}
        raise ApiError(self.status, str(body.get("reason", "")), str(body.get("message", self.body)), details=body.get("details"))


class Door:
    """Requests to the server of ``context``. ``tell`` is given a line whenever it has to wait, and when that is over."""

    def __init__(
        self,
        context: KindContext,
        tell: Callable[[str], object],
        *,
        patience: float = PATIENCE,
        pause: Callable[[float], object] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.context = context
        self._closed = threading.Event()
        self._tell, self._patience, self._now = tell, patience, now
        self._pause = pause or self._closed.wait
        self._client = _connect(context)

    def ask(self, method: str, path: str, query: Query | None = None, body: Any = None, content_type: str = "") -> Answer:
        """One request, tried until there is an answer to it. Raises Unreachable when patience ends."""
        waiting = _Waiting(self)
        repeated = False
        while True:
            try:
                response = self._send(method, path, query, body, content_type)
                data = response.read()
            except _lost() as error:
                repeated = repeated or (method != "GET" and not _never_arrived(error))
                waiting.wait(f"the API server at {self.context.server} does not answer ({_short(error)})")
                continue
            if response.status == 401:
                waiting.wait(
                    f"the credentials of context {self.context.name} are not accepted (401 Unauthorized): renew them with "
                    f"'kind export kubeconfig --name {self.context.kind_name}'"
                )
                self._client.close()
                self._client = _connect(self.context)
                continue
            if response.status in _BUSY:
                after = response.getheader("Retry-After") or ""
                waiting.wait("the API server asks for patience", float(after) if after.isdigit() else None)
                continue
            if response.status in _STUMBLED and method == "GET" and waiting.tries < 5:
                waiting.wait(f"the API server stumbled ({response.status})")
                continue
            waiting.over()
            return Answer(response.status, _parsed(data), repeated)

    def stream(self, path: str, query: Query) -> Stream:
        """The events of a watch. Raises ApiError when it is refused and ConnectionError when there is no connection."""
        try:
            response = self._send("GET", path, query, None, "", timeouts=(_TIMEOUTS[0], float(query["timeoutSeconds"]) + 30))
            if response.status != 200:
                Answer(response.status, _parsed(response.read())).object()
        except _lost() as error:
            raise ConnectionError(_short(error)) from None
        return Stream(response.response)

    def close(self) -> None:
        """Ends the connections, and whatever waits."""
        self._closed.set()
        self._client.close()

    def _send(
        self,
        method: str,
        path: str,
        query: Query | None,
        body: Any,
        content_type: str,
        *,
        timeouts: tuple[float, float] = _TIMEOUTS,
    ) -> Any:
        headers = {"Accept": "application/json", "User-Agent": "gitops-sim"}
        if body is not None:
            headers["Content-Type"] = content_type or "application/json"
        request = self._client.param_serialize(
            method,
            path,
            query_params=sorted((query or {}).items()),
            header_params=headers,
            body=body,
            auth_settings=["BearerToken"],
        )
        return self._client.call_api(*request, _request_timeout=timeouts)


class Stream:
    """The events of one watch, one JSON document a line, until the server ends it. Raises ConnectionError when it breaks."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def __iter__(self) -> Iterator[Any]:
        left = b""
        try:
            for chunk in self._response.stream(65536):
                *lines, left = (left + chunk).split(b"\n")
                yield from (json.loads(line) for line in lines if line.strip())
        except _lost() as error:
            raise ConnectionError(_short(error)) from None
        finally:
            self._response.close()

    def stop(self) -> None:
        """Ends it from another thread."""
        with contextlib.suppress(*_lost(), ValueError):
            self._response.shutdown()


class _Waiting:
    """How long one request has waited so far."""

    def __init__(self, door: Door) -> None:
        self._door, self._since, self._next = door, door._now(), _FIRST_WAIT
        self.tries = 0
        self._for = ""

    def wait(self, why: str, seconds: float | None = None) -> None:
        self.tries += 1
        waited = self._door._now() - self._since
        if waited > self._door._patience:
            raise Unreachable(f"{why}; gave up after {waited:.0f} s", mend="start the cluster, then start this again: it goes on")
        if why != self._for:
            self._door._tell(f"waits: {why}")
            self._for = why
        self._door._pause(min(seconds if seconds is not None else self._next, 60.0))
        if self._door._closed.is_set():
            raise Unreachable("the connection was closed")
        self._next = min(self._next * 2, _LONGEST_WAIT)

    def over(self) -> None:
        if self._for:
            self._door._tell(f"goes on: the API server answers again, after {self._door._now() - self._since:.0f} s")


def segment(text: str) -> str:
    """A name as a part of a path."""
    return quote(text, safe="")


def _connect(context: KindContext) -> Any:
    """The official client on this context: no proxy, no redirects, no retries of its own."""
    try:
        from kubernetes import client, config
        from urllib3 import Retry
    except ImportError:
        mend = "pip install 'gitops-sim[kind]'"
        raise BadInput("kind clusters need the Kubernetes client, which is not installed", mend=mend) from None
    settings = client.Configuration()
    load: Callable[..., None] = config.load_kube_config
    try:
        load(str(context.kubeconfig), context.name, settings, persist_config=False)
    except (config.ConfigException, OSError, ValueError) as error:
        where = str(context.kubeconfig)
        raise BadInput(f"the kubeconfig cannot be used: {error}", where=where, mend="have kind write it again") from None
    settings.proxy = None
    settings.retries = Retry(0, redirect=0, raise_on_redirect=False)
    return client.ApiClient(settings)


def _lost() -> tuple[type[Exception], ...]:
    from kubernetes.client.exceptions import ApiException
    from urllib3.exceptions import HTTPError

    return HTTPError, ApiException, OSError


def _never_arrived(error: Exception) -> bool:
    """Whether the request cannot have reached the server: there was no connection."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    return isinstance(getattr(error, "reason", error), ConnectTimeoutError | NewConnectionError)


def _short(error: Exception) -> str:
    cause = getattr(error, "reason", None)
    text = str(cause if isinstance(cause, Exception) else error)
    return text.rpartition(": ")[2][:120] or type(error).__name__


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode("utf-8", "replace")
