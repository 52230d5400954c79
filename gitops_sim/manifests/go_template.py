"""Plain Go templates, as agents take them for messages and names: ``text/template`` with its own functions, or with sprig's."""

from __future__ import annotations

import re
from typing import Any

from gitops_sim.manifests.helm.go import Struct, text_of


class GoTemplateError(Exception):
    """A template that cannot be filled in, in Go's words; ``unread``: not even be read."""

    def __init__(self, message: str, *, unread: bool = False) -> None:
        super().__init__(message)
        self.unread = unread


class Record(Struct):
    """A Go struct for a template: the name of its type (``argocd.commitMessageTemplate``), and its fields."""

    def __init__(self, type_: str, **fields: Any) -> None:
        self.go_type, self.go_fields = type_, fields

    def __str__(self) -> str:
        return "{" + " ".join(map(text_of, self.go_fields.values())) + "}"


def fill(template: str, data: Any, *, name: str, sprig: bool = False) -> str:
    """What a template makes of ``data``; ``name`` is its own, for errors; with ``sprig`` it may call those functions of sprig
    that always say the same. Raises GoTemplateError, ``unread`` when it is no template."""
    from gotpl.errors import TemplateSyntaxError  # late: it takes a while
    from gotpl.parse.parser import parse_template

    from gitops_sim.manifests.helm.bounds import TooMuch
    from gitops_sim.manifests.helm.functions import builtin_functions, hermetic_functions
    from gitops_sim.manifests.helm.recursion import room
    from gitops_sim.manifests.helm.template import Definition, ExecError, Machine

    known = hermetic_functions() if sprig else builtin_functions()
    try:
        tree = parse_template(template, name=name, functions=frozenset(known))
    except TemplateSyntaxError as error:
        text = re.sub(r"^template:(\d+):\d+: ", rf"template: {name}:\1: ", str(error))
        raise GoTemplateError(re.sub(r"'([^']*)' not defined", r'"\1" not defined', text), unread=True) from None
    source = template.encode()
    definitions = {part.name: Definition(part.name, part.body, name, source) for part in tree.definitions}
    definitions[name] = Definition(name, tree.root, name, source)
    try:
        with room():
            return Machine(definitions, known).run(definitions, name, data)
    except (ExecError, TooMuch, RecursionError) as error:
        raise GoTemplateError(str(error)) from None
