"""Plays recorded requests of a real API server through the handler and tells where the answers differ.

The format of the recordings: ``tests/goldens/api/*.json`` hold cases of steps ``{request, response, until?, maxEvents?,
pick?, unstable?}``. In answers ``<uid-1>``, ``<rv-2>``, ``<ip-1>`` and the like stand for a value that only has to be the same
everywhere in the case; ``<time>``, ``<age>``, ``<description>`` and the like for any; a list's ``<listrv-1>`` for any too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from gitops_sim.api import Request, Response, handle
from gitops_sim.clock import Clock
from gitops_sim.cluster import Cluster
from gitops_sim.cluster.access import User, authenticate

RECORDINGS = Path(__file__).parent.parent / "goldens"
NAMESPACE = "golden"
_ENTRY = ("operation", "manager", "apiVersion", "subresource")
_MARK = re.compile(
    r"<(?:uid|rv|listrv|continue|rand|event|ip|podip|nodeport|token)-\d+>|<hash-[bcdf\d]+>|<(?:time|microtime|age|description|commit|server|certificate|n|host)>"
)
_HASH = re.compile(r"\b(?=\d*[bcdf])(?=[bcdf]*\d)[bcdf456789]{8,10}\b")
"""The hash of a Pod template: the real one's depends on how Go prints a struct."""
_ANY = ("<time", "<microtime", "<age", "<description", "<commit", "<server", "<certificate", "<n>", "<host", "<listrv")
_QUOTED = re.compile(r"""(?<=Invalid value: )(?:"[\[{](?:[^"\\]|\\.)*"|\{.*\}(?=: field))|\n@@ .*|\n$""", re.DOTALL)
"""What a message quotes: an object whose fields Go writes in an order of its own, or the difference of two."""


def load(name: str) -> Any:
    """A recording of another kind, with the name of the namespace here."""
    return json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8").replace("$NS", NAMESPACE))


_RULES, _FORK = "SelfSubjectRulesReview", ["/.well-known", "/.well-known/*"]
"""A rule that only the recorded fork of Kubernetes gives to everybody."""


@cache
def cases(name: str) -> list[dict[str, Any]]:
    text = (
        (RECORDINGS / "api" / f"{name}.json")
        .read_text(encoding="utf-8")
        .replace("$NS", NAMESPACE)
        .replace("fake-node-1", "node-1")
        .replace('"manager": "Python"', '"manager": "kubelet"')  # the recorded one was a fake
        .replace('"uid": "admin",', "")  # whoever has a certificate has none
    )
    loaded = json.loads(_HASH.sub(lambda found: f"<hash-{found[0]}>", text))
    found: list[dict[str, Any]] = loaded["cases"] if isinstance(loaded, dict) else loaded
    for case in found:
        for step in case["steps"]:
            body = step["response"].get("body")
            rules = body["status"]["nonResourceRules"] if isinstance(body, dict) and body.get("kind") == _RULES else []
            rules[:] = [rule for rule in rules if rule["nonResourceURLs"] != _FORK]
    return found


def fresh_cluster(*, controllers: bool = False) -> Cluster:
    """With the namespace and the ServiceAccount that the recorder made."""
    cluster = Cluster(clock=Clock(), controllers=controllers)
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}, manager="golden")
    if controllers:
        cluster.clock.settle()
    else:
        cluster.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": NAMESPACE}})
    return cluster


class Player:
    """One case against one cluster. ``apart`` are ends of paths in answers that are known to differ."""

    admin = User("admin", ("system:masters", "system:authenticated"))

    def __init__(self, cluster: Cluster, *, apart: tuple[str, ...] = ()) -> None:
        self.cluster, self.apart = cluster, (".containerID", ".imageID", ".serverAddress", *apart)
        self.values: dict[str, Any] = {}
        self.answers: list[Any] = []

    def play(self, step: dict[str, Any]) -> list[str]:
        """What differs from the recording, as lines to read."""
        response, answer = self._answer(step)
        self.answers.append(answer)
        wanted = step["response"]
        differences = (
            [] if response.status == wanted["status"] else [f"status: recorded {wanted['status']}, here {response.status}"]
        )
        if step.get("pick"):
            answer = [_dig(answer, path) for path in step["pick"]]
        said = [re.sub(r"\s+", " ", text) for text in response.warnings]
        if said != wanted.get("warnings", []):
            differences.append(f"warnings: recorded {wanted.get('warnings', [])}, here {said}")
        part = "events" if "events" in wanted else "body"
        for unstable in step.get("unstable", []):
            self.apart += ("." + unstable.removeprefix(f"/{part}/").replace("/", "."),)
        return [*differences, *self._compare(wanted.get(part), answer, "")]

    def _answer(self, step: dict[str, Any]) -> tuple[Response, Any]:
        until, response = step.get("until"), self._send(step)
        answer = self._read(step, response)
        for _ in range(500):
            if not until or _holds(until, response.status, answer) or not self.cluster.clock.step():
                break
            response = self._send(step)
            answer = self._read(step, response)
        return response, answer

    def _send(self, step: dict[str, Any]) -> Response:
        request = step["request"]
        query = urlencode({name: self.resolved(value) for name, value in (request.get("query") or {}).items()})
        headers = {"user-agent": "golden/1.0", "accept": request.get("accept", "application/json")}
        headers.update((name.lower(), str(self.resolved(value))) for name, value in (request.get("headers") or {}).items())
        body = b""
        if "bodyFrom" in request:
            source = json.loads(json.dumps(self.answers[request["bodyFrom"]["step"]]))
            for path in request["bodyFrom"].get("remove", []):
                _put(source, path, None, remove=True)
            for path, value in request["bodyFrom"].get("set", []):
                _put(source, path, self.resolved(value))
            body = json.dumps(source).encode()
        elif "bodyText" in request:
            body = str(self.resolved(request["bodyText"])).encode()
        elif "body" in request:
            body = json.dumps(self.resolved(request["body"])).encode()
        if body or "bodyText" in request:
            headers.setdefault("content-type", request.get("contentType", "application/json"))
        target = str(self.resolved(request["path"])) + (f"?{query}" if query else "")
        who = authenticate(self.cluster, headers.get("authorization", "").removeprefix("Bearer ")) or self.admin
        response = handle(self.cluster, Request(request["method"], target, headers, body, who.name, who.groups))
        if request["method"] != "GET" and "controllers" in vars(self.cluster):
            self.cluster.clock.settle()
        return response

    def _read(self, step: dict[str, Any], response: Response) -> Any:
        if response.watch is not None:
            return [json.loads(line) for line in response.watch.take()][: step.get("maxEvents")]
        try:
            return json.loads(response.body)
        except ValueError:
            return response.body.decode()

    # ------------------------------------------------------------------ comparing

    def _compare(self, wanted: Any, found: Any, path: str) -> Iterator[str]:
        if path.endswith(self.apart):
            return
        if isinstance(wanted, dict) and isinstance(found, dict):
            wanted = {self._key(key, found): value for key, value in wanted.items()}
            for key in sorted({*wanted, *found}):
                where = f"{path}.{key}"
                if key in wanted and key in found:
                    yield from self._compare(wanted[key], found[key], where)
                elif not where.endswith(self.apart):
                    yield f"{where}: recorded {wanted.get(key, 'nothing')!r}, here {found.get(key, 'nothing')!r}"
        elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
            if path.endswith(".managedFields"):  # in one order: the server's depends on the second
                wanted, found = (sorted(entries, key=_identity) for entries in (wanted, found))
            for index, (one, other) in enumerate(zip(wanted, found, strict=True)):
                yield from self._compare(one, other, f"{path}.{index}")
        elif isinstance(wanted, str) and _MARK.search(wanted):
            if not self._stands_for(wanted, found):
                yield f"{path}: recorded {wanted!r}, here {found!r}"
        elif isinstance(wanted, str) and isinstance(found, str) and path.endswith(".message"):
            if _unquoted(wanted) != _unquoted(found):
                yield f"{path}: recorded {wanted!r}, here {found!r}"
        elif wanted != found or type(wanted) is not type(found):
            yield f"{path}: recorded {wanted!r}, here {found!r}"

    def _key(self, key: str, found: dict[str, Any]) -> str:
        """The key of an answer that a recorded one, which may have marks in it, stands for."""
        if not _MARK.search(key):
            return key
        return next((here for here in sorted(found) if self._stands_for(key, here)), key)

    def _stands_for(self, wanted: str, found: Any) -> bool:
        """Whether ``found`` is ``wanted`` with its marks filled in; a mark that is new takes its value from here."""
        wanted, found = _unquoted(wanted), _unquoted(str(found))
        marks, pattern, new = _MARK.findall(wanted), "", []
        for part in re.split(f"({_MARK.pattern})", wanted):
            if part in marks and part not in self.values:
                pattern += "(.*?)"
                new.append(part)
            else:
                pattern += re.escape(str(self.values.get(part, part)))
        match = re.fullmatch(pattern, found, re.DOTALL)
        if match is None:
            return False
        for mark, value in zip(new, match.groups(), strict=True):
            if mark.startswith(_ANY):
                if mark.startswith("<listrv"):
                    self.values[mark] = value
                continue
            if mark.startswith("<rv") and value in [v for k, v in self.values.items() if k.startswith("<rv")]:
                return False
            self.values[mark] = int(value) if mark.startswith("<nodeport") else value
        return True

    def resolved(self, value: Any) -> Any:
        """What the masks in a request stand for here."""
        if isinstance(value, dict):
            return {self.resolved(key): self.resolved(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolved(item) for item in value]
        if isinstance(value, str):
            if value in self.values:
                return self.values[value]
            return _MARK.sub(lambda mark: str(self.values.get(mark[0], mark[0])), value)
        return value


def _identity(entry: dict[str, Any]) -> list[str]:
    return [entry.get(name, "") for name in _ENTRY]


def _unquoted(text: str) -> str:
    """Without the whole object that a message quotes: Go writes its fields in an order of its own."""
    return _QUOTED.sub("", text)


def _holds(until: dict[str, Any], status: int, body: Any) -> bool:
    if "status" in until and status != until["status"]:
        return False
    return all(_dig(body, path) == value for path, value in until.get("fields", []))


def _dig(value: Any, path: list[Any]) -> Any:
    """Steps are keys, indexes, ``#`` for the length, and ``{"k": v}`` for the first element that has these."""
    for step in path:
        if step == "#":
            return len(value or [])
        if isinstance(step, dict):
            value = next((item for item in value or [] if _within(step, item)), None)
        elif isinstance(step, int):
            value = value[step] if isinstance(value, list) and -len(value) <= step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
        if value is None:
            return None
    return value


def _within(part: Any, whole: Any) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and _within(value, whole[key]) for key, value in part.items())
    return bool(part == whole)


def _put(obj: Any, path: list[Any], value: Any, *, remove: bool = False) -> None:
    for step in path[:-1]:
        if isinstance(step, dict):
            obj = next(item for item in obj if all(item.get(key) == want for key, want in step.items()))
        else:
            obj = obj.setdefault(step, {}) if isinstance(obj, dict) else obj[step]
    if not remove:
        obj[path[-1]] = value
    elif isinstance(obj, dict):
        obj.pop(path[-1], None)
    else:
        del obj[path[-1]]
