"""Plain Go templates, as agents take them for messages and names: ``text/template`` with its own functions and none of sprig."""

from __future__ import annotations

import re
from typing import Any

from gitops_sim.manifests.helm.go import Struct


class GoTemplateError(Exception):
    """A template that cannot be read or filled in, in Go's words."""


class Record(Struct):
    """A Go struct for a template: the name of its type (``argocd.commitMessageTemplate``), and its fields."""

    def __init__(self, type_: str, **fields: Any) -> None:
        self.go_type, self.go_fields = type_, fields


def fill(template: str, data: Any, *, name: str) -> str:
    """What a template makes of ``data``; ``name`` is its own, for errors. Raises GoTemplateError."""
    from gotpl.errors import TemplateSyntaxError  # late: it takes a while
    from gotpl.parse.parser import parse_template

    from gitops_sim.manifests.helm.functions import builtin_functions
    from gitops_sim.manifests.helm.template import Definition, ExecError, Machine

    known = builtin_functions()
    try:
        tree = parse_template(template, name=name, functions=frozenset(known))
    except TemplateSyntaxError as error:
        text = re.sub(r"^template:(\d+):\d+: ", rf"template: {name}:\1: ", str(error))
        raise GoTemplateError(re.sub(r"'([^']*)' not defined", r'"\1" not defined', text)) from None
    source = template.encode()
    definitions = {part.name: Definition(part.name, part.body, name, source) for part in tree.definitions}
    definitions[name] = Definition(name, tree.root, name, source)
    try:
        return Machine(definitions, known).run(definitions, name, data)
    except ExecError as error:
        raise GoTemplateError(str(error)) from None
