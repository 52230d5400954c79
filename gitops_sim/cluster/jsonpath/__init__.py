"""JSONPath as kubectl speaks it: templates of text and ``{expressions}``.

``{range .items[*]}...{end}``, filters ``[?(@.a=="x")]``, slices and negative indexes, unions, wildcards, ``..``, quoted text, and
dots escaped by a backslash. ``$`` and ``@`` both stand for the current object. Missing keys are no error. Where Go walks a map in
random order, keys are taken in alphabetical order.
Source: k8s.io/client-go ``util/jsonpath``; the texts of the errors are its.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.go_text import json_text, plain
from gitops_sim.cluster.jsonpath.evaluating import run
from gitops_sim.cluster.jsonpath.parsing import Parser
from gitops_sim.cluster.jsonpath.pieces import JSONPathError

__all__ = ["JSONPath", "JSONPathError", "result_text"]


class JSONPath:
    """A parsed template. Raises JSONPathError when ``template`` is none."""

    def __init__(self, template: str) -> None:
        self.template = template
        self._actions = Parser(template).parse()

    def find(self, data: Any) -> list[list[Any]]:
        """What each piece of the template yields, one list a piece (and a round of a range)."""
        results, _ = run(self._actions, 0, data, depth=0)
        return results

    def render(self, data: Any) -> str:
        """The text that the template makes of ``data``."""
        return "".join(" ".join(result_text(value) for value in piece) for piece in self.find(data))


def result_text(value: Any) -> str:
    """One result as it is printed: containers as JSON, the rest plain."""
    if value is None:
        return "null"
    return json_text(value) if isinstance(value, Mapping | list | tuple) else plain(value)
