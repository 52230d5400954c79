"""Plays recorded requests of a real API server against a cluster and tells where the answers differ.

A case is a list of steps ``{method, path, query?, contentType?, body?, bodyFrom?, status, answer?}``. In answers ``<uid-1>``,
``<rv-2>``, ``<ip-1>`` and the like stand for a value that only has to be the same everywhere in the case, ``<time>`` for any
time; a text that ends in ``…`` for one that starts so (the rest quotes Go structs).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gitops_sim.cluster.cluster import Cluster
from gitops_sim.errors import ApiError

GOLDENS = Path(__file__).parent.parent / "goldens"
NAMESPACE = "golden"
PATCHES = {"merge": "merge", "strategic-merge": "strategic", "json": "json"}
_PATH = re.compile(r"/(?:api/v1|apis/([^/]+)/[^/]+)(?:/namespaces/([^/]+))?(?:/([^/]+)(?:/([^/]+))?(?:/([^/]+))?)?")
_MARK = re.compile(r"<(?:uid|rv|ip|nodeport|rand|time)(?:-\d+)?>")


def cases(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8").replace("$NS", NAMESPACE))
    return loaded


def fresh_cluster() -> Cluster:
    """Without controllers; with the namespace and the ServiceAccount that the recorder made."""
    cluster = Cluster(controllers=False)
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    cluster.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": NAMESPACE}})
    return cluster


class Player:
    """One case against one cluster. ``apart`` are the ends of paths in answers that are known to differ."""

    def __init__(self, *, apart: tuple[str, ...] = ()) -> None:
        self.cluster, self.apart = fresh_cluster(), apart
        self.values: dict[str, Any] = {}
        self.answers: list[Any] = []

    def play(self, step: dict[str, Any]) -> list[str]:
        """What differs from the recording, as lines to read."""
        status, answer = self._send(step)
        self.answers.append(answer)
        differences = [] if status == step["status"] else [f"status: recorded {step['status']}, here {status}"]
        if "answer" in step:
            wanted = step["answer"]
            if status >= 400:
                answer = {name: answer[name] for name in ("reason", "message", "details") if name in answer}
            differences += self._compare(wanted, answer, "")
        return differences

    def _send(self, step: dict[str, Any]) -> tuple[int, Any]:
        body = self.answers[step["bodyFrom"]["step"]] if "bodyFrom" in step else self._resolved(step.get("body"))
        try:
            return (201 if step["method"] == "POST" else 200), self._call(step, body)
        except ApiError as error:
            return error.code, error.status()

    def _call(self, step: dict[str, Any], body: Any) -> Any:
        found = _PATH.fullmatch(step["path"])
        assert found is not None
        group, namespace, plural, name, subresource = found.groups()
        if plural is None:
            plural, name, namespace = "namespaces", namespace, ""
        kind = f"{plural}.{group}" if group else plural
        namespace, subresource, query = namespace or "", subresource or "", step.get("query") or {}
        options = body if isinstance(body, dict) else {}
        dry_run = "dryRun" in query or ("dryRun" in options and step["method"] == "DELETE")
        if step["method"] == "POST":
            return self.cluster.create(body, namespace=namespace, dry_run=dry_run)
        if step["method"] == "GET":
            return self.cluster.get(kind, name, namespace)
        if step["method"] == "PUT":
            meta = {"namespace": namespace, **body["metadata"]}
            return self.cluster.update({**body, "metadata": meta}, subresource=subresource, dry_run=dry_run)
        if step["method"] == "PATCH":
            type_ = PATCHES[step["contentType"].removeprefix("application/").partition("-patch+json")[0]]
            return self.cluster.patch(kind, name, namespace, body, type=type_, subresource=subresource, dry_run=dry_run)  # type: ignore[arg-type]
        grace = options.get("gracePeriodSeconds", query.get("gracePeriodSeconds"))
        return self.cluster.delete(kind, name, namespace, grace_period=None if grace is None else float(grace), dry_run=dry_run)

    def _compare(self, wanted: Any, found: Any, path: str) -> Iterator[str]:
        if path.endswith(self.apart or ("\0",)):
            return
        if isinstance(wanted, dict) and isinstance(found, dict):
            for key in sorted({*wanted, *found}):
                where = f"{path}.{key}"
                if key in wanted and key in found:
                    yield from self._compare(wanted[key], found[key], where)
                elif not where.endswith(self.apart or ("\0",)):
                    yield f"{where}: recorded {wanted.get(key, 'nothing')!r}, here {found.get(key, 'nothing')!r}"
        elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
            for index, (one, other) in enumerate(zip(wanted, found, strict=True)):
                yield from self._compare(one, other, f"{path}[{index}]")
        elif isinstance(wanted, str) and _MARK.search(wanted):
            if not self._stands_for(wanted, found):
                yield f"{path}: recorded {wanted!r}, here {found!r}"
        elif isinstance(wanted, str) and wanted.endswith("…"):
            if not (isinstance(found, str) and found.startswith(wanted[:-1])):
                yield f"{path}: recorded {wanted!r}, here {found!r}"
        elif wanted != found or type(wanted) is not type(found):
            yield f"{path}: recorded {wanted!r}, here {found!r}"

    def _stands_for(self, wanted: str, found: Any) -> bool:
        """Whether ``found`` is ``wanted`` with its marks filled in; a mark that is new takes its value from here."""
        marks = _MARK.findall(wanted)
        pattern = "".join(
            re.escape(str(self.values[part])) if part in self.values else "(.+?)" if part in marks else re.escape(part)
            for part in re.split(f"({_MARK.pattern})", wanted)
        )
        match = re.fullmatch(pattern, str(found), re.DOTALL)
        if match is None:
            return False
        new = [mark for mark in marks if mark not in self.values]
        for mark, value in zip(new, match.groups(), strict=True):
            if mark != "<time>":
                if mark.startswith("<rv") and value in self.values.values():
                    return False
                self.values[mark] = int(value) if mark.startswith("<nodeport") else value
        return True

    def _resolved(self, body: Any) -> Any:
        if isinstance(body, dict):
            return {key: self._resolved(value) for key, value in body.items()}
        if isinstance(body, list):
            return [self._resolved(item) for item in body]
        if isinstance(body, str):
            if body in self.values:
                return self.values[body]
            return _MARK.sub(lambda mark: str(self.values.get(mark[0], mark[0])), body)
        return body
