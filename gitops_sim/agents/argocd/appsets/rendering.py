"""Filling in templates: Go templates with sprig, or just ``{{name}}``.

Source: ``applicationset/utils/utils.go`` (Render), whose messages these are. Keys of maps are filled in like values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from gitops_sim.agents.argocd.appsets.params import GenerationError, Params, sanitized, slug
from gitops_sim.clock import EPOCH, Clock
from gitops_sim.errors import BadInput
from gitops_sim.randomness import Randomness
from gitops_sim.yaml_in import load_document
from gitops_sim.yaml_out import dump_yaml

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_LEFT_OUT = ("env", "expandenv", "getHostByName")
_MISSING = re.compile(r"(base:\d+):\d+: executing \"base\": missing key or attribute '(\w+)'")


class MissingKeyError(GenerationError):
    """A parameter that is not there, where the options of the templates insist on it."""


@dataclass(frozen=True)
class Renderer:
    """``go``: the templates are Go's; ``options`` are theirs, such as ``missingkey=error``. Sprig's chance and time are the
    world's."""

    go: bool
    options: tuple[str, ...]
    clock: Clock
    randomness: Randomness

    def text(self, template: str, params: Params) -> str:
        """Raises GenerationError."""
        if not self.go:
            return _TAG.sub(lambda tag: _known(tag, params), template) if _TAG.search(template) else template
        return self._go_text(template, params) if "{{" in template else template

    def deep(self, value: Any, params: Params) -> Any:
        """Everything in a value filled in. Raises GenerationError."""
        if isinstance(value, str):
            return self.text(value, params)
        if isinstance(value, Mapping):
            return {self.text(str(key), params): self.deep(inner, params) for key, inner in value.items()}
        return [self.deep(inner, params) for inner in value] if isinstance(value, list) else value

    def values(self, values: Any, params: Params) -> Params:
        """``params`` with the ``values`` of a generator, which may be made of them. Raises GenerationError."""
        if not isinstance(values, Mapping) or not values:
            return params
        try:
            made = {str(key): self.text(str(value), params) for key, value in values.items()}
        except GenerationError as error:
            raise GenerationError(
                f"failed to replace templated string: failed to replace templated string with rendered values: {error}"
            ) from None
        return {**params, "values": made} if self.go else {**params, **{f"values.{key}": value for key, value in made.items()}}

    def generator(self, raw: Any, params: Params) -> Any:
        """The second generator of a matrix, made of the first one's parameters; what its ``values`` lack waits for its own."""
        strict = Renderer(self.go, (*self.options, "missingkey=error"), self.clock, self.randomness)

        def inner(value: Any) -> Any:
            if isinstance(value, Mapping):
                return {
                    self.text(str(key), params): (
                        {name: strict._or_itself(text, params) for name, text in part.items()}
                        if key == "values" and isinstance(part, Mapping)
                        else inner(part)
                    )
                    for key, part in value.items()
                }
            return [inner(part) for part in value] if isinstance(value, list) else self.deep(value, params)

        try:
            return inner(raw)
        except GenerationError as error:
            raise GenerationError(f"failed to replace parameters in generator: {error}") from None

    # ------------------------------------------------------------------ inside

    def _or_itself(self, text: Any, params: Params) -> Any:
        try:
            return self.text(text, params) if isinstance(text, str) else text
        except MissingKeyError:
            return text

    def _go_text(self, template: str, params: Params) -> str:
        from gotpl import Template, TemplateError, TemplateSyntaxError  # late: it takes a while

        missing: Any = "default"
        for option in self.options:
            if option.startswith("missingkey="):
                missing = {"zero": "zero", "error": "error"}.get(option.partition("=")[2], "default")
        try:
            found = Template(template, name="base", functions=self._functions, missing_key=missing)
        except TemplateSyntaxError as error:
            text = re.sub(r"^template:(\d+):\d+: ", r"template: base:\1: ", str(error))
            raise GenerationError(f"failed to parse template {template}: {text}") from None
        try:
            return found.render(params)
        except TemplateError as error:
            raise _execution_error(template, str(error)) from None

    @cached_property
    def _functions(self) -> dict[str, Any]:
        from gotpl.funcs.sprig import text_func_map

        dice = self.randomness.stream("argocd/applicationsets")
        found: dict[str, Any] = text_func_map(clock=self._now, entropy=dice.randbytes, randbelow=dice.randrange)
        for name in _LEFT_OUT:
            found.pop(name, None)
        return {
            **found,
            "normalize": sanitized,
            "slugify": _slugify,
            "toYaml": lambda value: dump_yaml(value, sort_keys=True).removesuffix("\n"),
            "fromYaml": _from_yaml,
            "fromYamlArray": _from_yaml,
        }

    def _now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.clock.now)


def _known(tag: re.Match[str], params: Params) -> str:
    """What a tag stands for; one that stands for nothing stays as it is."""
    name = tag.group(1).strip()
    value = params.get(name)
    return value if name and isinstance(value, str) else tag.group(0)


def _execution_error(template: str, text: str) -> GenerationError:
    """In the words of Go, as far as a missing key goes."""
    begin = f"failed to execute go template {template}: "
    missing = _MISSING.search(text)
    if missing is None:
        return GenerationError(begin + text)
    key = missing.group(2)
    used = re.search(rf"(\$?\w*(?:\.\w+)*)\.{key}\b", template)
    path = used.group(0) if used else f".{key}"
    column = 2 if used is None else used.start() + (path[1:].find(".") + 1 if path.count(".") > 1 else 0)
    line = f'template: {missing.group(1)}:{column}: executing "base" at <{path}>: map has no entry for key "{key}"'
    return MissingKeyError(begin + line)


def _slugify(*given: Any) -> str:
    name = str(given[-1]) if given else ""
    longest = int(given[0]) if len(given) > 1 else 50
    return slug(sanitized(name), longest, whole_words=bool(given[1]) if len(given) > 2 else True)


def _from_yaml(text: str) -> Any:
    try:
        return load_document(text, where="fromYaml")
    except BadInput as error:
        raise ValueError(error.what) from None


def option_texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else ()
