"""The forms of ``-o`` that every command knows: JSON, YAML, names, JSONPath and Go templates.

Source: k8s.io/cli-runtime ``pkg/genericclioptions`` (PrintFlags) and ``pkg/printers``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gitops_sim.cluster.go_text import json_text, plain, quoted, syntax
from gitops_sim.cluster.jsonpath import JSONPath, JSONPathError
from gitops_sim.errors import BadInput
from gitops_sim.kubectl.go_template import GoTemplate, TemplateError
from gitops_sim.kubectl.invocation import Invocation
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.objects import Object, group_of, without_path
from gitops_sim.yaml_sorted import to_yaml

Printer = Callable[[Object], None]
"""Writes one object, or a List of them, to standard output."""

_GO_TEMPLATES = ("go-template", "go-template-file", "template", "templatefile")
_JSON_PATHS = ("jsonpath", "jsonpath-as-json", "jsonpath-file")
FORMATS = (*_GO_TEMPLATES, "json", *_JSON_PATHS, "kyaml", "name", "yaml")


def printer_for(inv: Invocation, operation: str = "", *, more: tuple[str, ...] = (), note: bool = True) -> Printer:
    """What ``-o`` asks for; without it the line ``deployment.apps/web OPERATION``, with a ``note`` when the run is dry.

    ``more`` are further formats of the command, for the message. Raises KubectlError for an unknown format or a bad template.
    """
    output = str(inv["output"])
    kind, _, argument = output.partition("=")
    if not output and inv["template"]:
        kind = "go-template"
    template = str(inv["template"]) or argument
    if output.lower() == "json":
        return _Text(inv, lambda obj: json_text(obj, indent="    ") + "\n")
    if output.lower() == "yaml":
        return _Yaml(inv)
    if output.lower() == "name":
        return _Text(inv, name_lines)
    if kind in _JSON_PATHS:
        return _Text(inv, _json_path(_template(inv, kind, template), as_json=kind == "jsonpath-as-json"))
    if kind in _GO_TEMPLATES:
        return _Text(inv, _go_template(_template(inv, kind, template)))
    if output.lower() == "kyaml":
        raise KubectlError("kyaml is not built in: use -o yaml")
    if not output:
        dry_run = inv.dry_run if note and "dry-run" in inv.flags else "none"
        suffix = {"client": " (dry run)", "server": " (server dry run)"}.get(dry_run, "")
        return _Text(inv, lambda obj: name_lines(obj, f" {operation}{suffix}" if operation else ""))
    allowed = ",".join(sorted((*FORMATS, *more)))
    raise KubectlError(f'unable to match a printer suitable for the output format "{output}", allowed formats are: {allowed}')


def name_lines(obj: Object, suffix: str = "") -> str:
    """``deployment.apps/web``, a line for each object of a List."""
    items = obj.get("items")
    if isinstance(items, list):
        return "".join(name_lines(item, suffix) for item in items)
    group = group_of(str(obj.get("apiVersion") or ""))
    kind = str(obj.get("kind") or "").lower()
    name = (obj.get("metadata") or {}).get("name") or "<unknown>"
    return f"{kind}.{group}/{name}{suffix}\n" if group else f"{kind}/{name}{suffix}\n"


class _Text:
    """A printer that writes each object as a text by itself."""

    def __init__(self, inv: Invocation, text: Callable[[Object], str]) -> None:
        self._inv, self._text = inv, text

    def __call__(self, obj: Object) -> None:
        try:
            self._inv.say(self._text(_shown(obj, self._inv)))
        except _StoppedError as stop:
            self._inv.say(stop.written)
            raise


class _StoppedError(KubectlError):
    """A template that failed in its middle; ``written`` goes to standard output all the same."""

    written = ""


class _Yaml:
    """A printer that puts ``---`` between its objects."""

    def __init__(self, inv: Invocation) -> None:
        self._inv, self._count = inv, 0

    def __call__(self, obj: Object) -> None:
        self._count += 1
        self._inv.say(("---\n" if self._count > 1 else "") + to_yaml(_shown(obj, self._inv)))


def _shown(obj: Object, inv: Invocation) -> Any:
    items = obj.get("items")
    if inv["show-managed-fields"]:
        if isinstance(items, list):
            return {**obj, "items": [inv.cluster.with_managed_fields(item) for item in items]}
        return inv.cluster.with_managed_fields(obj)
    if isinstance(items, list):
        return {**obj, "items": [without_path(item, ("metadata", "managedFields")) for item in items]}
    return without_path(obj, ("metadata", "managedFields"))


def _template(inv: Invocation, kind: str, template: str) -> str:
    """The text of the template, read from a file where the format says so."""
    if not template:
        raise KubectlError("template format specified but no template given")
    if kind not in ("go-template-file", "templatefile", "jsonpath-file"):
        return template
    return read_text(inv, template, f"error reading --template {template}, ")


def read_text(inv: Invocation, path: str, error_prefix: str = "") -> str:
    """A file of the working folder. Raises KubectlError when it is not there or is no text."""
    try:
        content = inv.files.read(path)
        return content if isinstance(content, str) else content.decode()
    except FileNotFoundError:
        raise KubectlError(f"{error_prefix}open {path}: no such file or directory") from None
    except (UnicodeDecodeError, BadInput):
        raise KubectlError(f"{error_prefix}{path} is no text file") from None


def _json_path(template: str, *, as_json: bool) -> Callable[[Object], str]:
    try:
        path = JSONPath(template)
    except JSONPathError as error:
        raise KubectlError(f"error parsing jsonpath {template}, {error}") from None

    def render(obj: Object) -> str:
        try:
            if as_json:
                return "".join(json_text(piece, indent="    ") + "\n" for piece in path.find(obj))
            return path.render(obj)
        except JSONPathError as error:
            raise KubectlError(
                f"error executing jsonpath {quoted(template)}: {_explained(error, template)}"
                f"\tobject given to jsonpath engine was:\n\t\t{syntax(obj)}\n\n\n"
            ) from None

    return render


def _go_template(template: str) -> Callable[[Object], str]:
    try:
        parsed = GoTemplate(template)
    except TemplateError as error:
        raise KubectlError(f"error parsing template {template}, {error}") from None

    def render(obj: Object) -> str:
        try:
            return parsed.render(obj)
        except TemplateError as error:
            stop = _StoppedError(f"error executing template {quoted(template)}: {error}")
            stop.written = (
                f"{error.written}{_explained(error, template)}\traw data was:\n\t\t{json_text(obj)}\n"
                f"\tobject given to template engine was:\n\t\t{plain(obj)}\n\n"
            )
            raise stop from None

    return render


def _explained(error: Exception, template: str) -> str:
    return (
        f"Error executing template: {error}. Printing more information for debugging the template:\n"
        f"\ttemplate was:\n\t\t{template}\n"
    )
