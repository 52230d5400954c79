"""Go templates for ``-o go-template``: fields, variables, pipelines, ``range``, ``if``, ``with`` and kubectl's functions.

Not built in: ``define``, ``template``, ``block``, ``break`` and ``continue``. Source of syntax and error texts: Go's
``text/template``, and k8s.io/cli-runtime ``pkg/printers/template.go``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gitops_sim.cluster.go_text import plain
from gitops_sim.errors import GitOpsSimError
from gitops_sim.kubectl.go_functions import FUNCTIONS, NO_VALUE, CallError, truth


class TemplateError(GitOpsSimError):
    """A template that cannot be parsed or applied, in Go's words. ``written`` is what it had produced until then."""

    written = ""


class GoTemplate:
    """A parsed template. Raises TemplateError when ``text`` is none."""

    def __init__(self, text: str) -> None:
        self._text = text
        parser = _Parser(text)
        self._nodes, end = parser.block(())
        if end:
            raise parser.error(f"unexpected {{{{{end}}}}}")

    def render(self, data: Any) -> str:
        out: list[str] = []
        try:
            _Run(self._text, out, data).block(self._nodes, data)
        except TemplateError as error:
            error.written = "".join(out)
            raise
        return "".join(out)


# ---------------------------------------------------------------------- the tree


@dataclass(frozen=True, slots=True)
class _Operand:
    """``kind`` is ``value``, ``field``, ``variable``, ``function``, ``pipe`` or ``dot``; ``fields`` follow it as ``.a.b``."""

    kind: str
    value: Any
    fields: tuple[str, ...]
    at: int
    text: str


_Command = list[_Operand]
_MOST_STEPS = 1_000_000
"""Nodes that one template may go through: loops in loops are soon more than anybody wants to read."""


@dataclass(slots=True)
class _Pipe:
    commands: list[_Command]
    declares: tuple[str, ...] = ()
    assigns: bool = False


@dataclass(slots=True)
class _Node:
    """Text, an action, or a block with its body and what stands behind ``else``."""

    word: str
    pipe: _Pipe | None = None
    text: str = ""
    body: list[_Node] = field(default_factory=list)
    otherwise: list[_Node] = field(default_factory=list)


# ---------------------------------------------------------------------- parsing

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:\\.|[^"\\\n])*"|`[^`]*`)|(?P<number>[+-]?(?:0x[0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?))
    |(?P<variable>\$\w*)|(?P<field>\.\w+)|(?P<word>\w+)|(?P<sign>:=|[=|(),.]))""",
    re.VERBOSE,
)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._tokens: list[tuple[str, str, int]] = []
        self._variables = ["$"]

    def error(self, why: str) -> TemplateError:
        return TemplateError(f"template: output:{self._text.count(chr(10), 0, self._at) + 1}: {why}")

    def block(self, ends: Sequence[str]) -> tuple[list[_Node], str]:
        """The nodes up to an action that begins with one of ``ends`` (or ends the template), and that word."""
        nodes: list[_Node] = []
        known = len(self._variables)
        while True:
            start = self._text.find("{{", self._at)
            literal = self._text[self._at : start if start >= 0 else len(self._text)]
            if start >= 0 and re.match(r"\{\{- ", self._text[start:]):
                literal = literal.rstrip()
            if literal:
                nodes.append(_Node("text", text=literal))
            if start < 0:
                self._at = len(self._text)
                return nodes, ""
            self._at = start
            if not self._action():
                continue
            word = self._tokens[0][1] if self._tokens[0][0] == "word" else ""
            if word in ("end", "else"):
                if word not in ends:
                    raise self.error(f"unexpected {{{{{word}}}}}")
                del self._variables[known:]
                return nodes, word
            if word in ("if", "range", "with"):
                del self._tokens[0]
                nodes.append(self._control(word))
            else:
                nodes.append(_Node("action", self._pipe()))

    def _control(self, word: str) -> _Node:
        known = len(self._variables)
        if not self._tokens:
            raise self.error(f"missing value for {word}")
        node = _Node(word, self._pipe(ranges=word == "range"))
        node.body, end = self.block(("end", "else"))
        if end == "else":
            rest = self._tokens[1:]
            if rest and rest[0][:2] in (("word", "if"), ("word", "with")):
                self._tokens = rest[1:]
                node.otherwise = [self._control(rest[0][1])]
                end = "end"
            else:
                node.otherwise, end = self.block(("end",))
        if not end:
            raise self.error("unexpected EOF")
        del self._variables[known:]
        return node

    def _action(self) -> bool:
        """Reads the tokens of the action that begins here; False for a comment."""
        comment = re.compile(r"\{\{(- )?/\*.*?\*/( -)?\}\}(\s*)", re.DOTALL).match(self._text, self._at)
        if comment:
            self._at = comment.end() if comment[2] else comment.end() - len(comment[3])
            return False
        place = self._at + (4 if self._text.startswith("{{- ", self._at) else 2)
        self._tokens = []
        while True:
            end = re.compile(r"\s*( -)?\}\}").match(self._text, place)
            if end:
                break
            token = _TOKEN.match(self._text, place)
            if token is None or token.end() == place:
                rest = self._text[place:].lstrip()
                self._at = min(place, len(self._text))
                if not rest or "}}" not in rest:
                    raise self.error("unclosed action")
                raise self.error(f"unexpected {rest[0]!r} in command".replace("'", '"'))
            kind = token.lastgroup or ""
            self._tokens.append((kind, token[kind], token.start(kind)))
            place = token.end()
        self._at = end.end()
        if end[1]:
            self._at += len(self._text[self._at :]) - len(self._text[self._at :].lstrip())
        if not self._tokens:
            raise self.error("missing value for command")
        return True

    def _pipe(self, *, ranges: bool = False, closing: str = "") -> _Pipe:
        pipe = _Pipe([], *self._declaration(ranges=ranges))
        command: list[_Operand] = []
        while True:
            if not self._tokens or (closing and self._tokens[0][1] == closing and self._tokens[0][0] == "sign"):
                if not command:
                    raise self.error("missing value for command")
                pipe.commands.append(command)
                self._tokens = self._tokens[1:]
                self._variables += pipe.declares if not pipe.assigns else ()
                return pipe
            if self._tokens[0][:2] == ("sign", "|"):
                del self._tokens[0]
                pipe.commands.append(command)
                command = []
            else:
                command.append(self._operand())

    def _declaration(self, *, ranges: bool) -> tuple[tuple[str, ...], bool]:
        words = [token[1] for token in self._tokens[:4]]
        for count in (1, 2) if ranges else (1,):
            names = words[0 : 2 * count - 1 : 2]
            commas = words[1 : 2 * count - 1 : 2]
            sign = words[2 * count - 1 : 2 * count]
            if sign in ([":="], ["="]) and all(n.startswith("$") for n in names) and all(c == "," for c in commas):
                del self._tokens[: 2 * count]
                return tuple(names), sign == ["="]
        return (), False

    def _operand(self) -> _Operand:
        kind, text, at = self._tokens.pop(0)
        value: Any = text
        if kind == "string":
            kind, value = "value", text[1:-1] if text[0] == "`" else _unquoted(text)
        elif kind == "number":
            kind, value = "value", float(text) if re.search(r"[.eE]", text) and "x" not in text else int(text, 0)
        elif kind == "word":
            if text in ("true", "false", "nil"):
                kind, value = "value", {"true": True, "false": False, "nil": None}[text]
            elif text not in FUNCTIONS:
                raise self.error(f'function "{text}" not defined')
            else:
                kind = "function"
        elif kind == "variable":
            if text not in self._variables:
                raise self.error(f'undefined variable "{text}"')
        elif kind == "field":
            kind, value = "dot", None
            self._tokens.insert(0, ("field", text, at))
        elif text == "(":
            kind, value = "pipe", self._pipe(closing=")")
        elif text == ".":
            kind, value = "dot", None
        else:
            raise self.error(f'unexpected "{text}" in operand')
        fields: list[str] = []
        shown = "" if kind == "dot" else text
        end = at if kind == "dot" else at + len(text)
        while (
            kind != "function"
            and self._tokens
            and self._tokens[0][0] == "field"
            and (kind == "pipe" or self._tokens[0][2] == end)
        ):
            _, name, place = self._tokens.pop(0)
            fields.append(name[1:])
            shown, end, at = shown + name, place + len(name), place if len(fields) == 2 or kind != "dot" else at
        return _Operand(kind, value, tuple(fields), at, shown or ".")


def _unquoted(text: str) -> str:
    escapes = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}
    return re.sub(r"\\(.)", lambda match: escapes.get(match[1], match[1]), text[1:-1])


# ---------------------------------------------------------------------- execution


class _Run:
    def __init__(self, text: str, out: list[str], data: Any) -> None:
        self._text, self._out = text, out
        self._variables: list[tuple[str, Any]] = [("$", data)]
        self._steps = 0

    def block(self, nodes: Sequence[_Node], dot: Any) -> None:
        known = len(self._variables)
        self._steps += 1 + len(nodes)
        if self._steps > _MOST_STEPS:
            raise TemplateError(f'template: output:1: executing "output": more than {_MOST_STEPS} steps')
        for node in nodes:
            if node.word == "text":
                self._out.append(node.text)
            elif node.word == "action":
                self._action(node, dot)
            else:
                self._control(node, dot)
        del self._variables[known:]

    def _action(self, node: _Node, dot: Any) -> None:
        assert node.pipe is not None
        value = self._evaluate(node.pipe, dot)
        if node.pipe.declares:
            self._set(node.pipe, node.pipe.declares[0], value)
        else:
            self._out.append("<no value>" if value is NO_VALUE or value is None else plain(value))

    def _set(self, pipe: _Pipe, name: str, value: Any) -> None:
        if pipe.assigns:
            index = max(i for i, (known, _) in enumerate(self._variables) if known == name)
            self._variables[index] = (name, value)
        else:
            self._variables.append((name, value))

    def _control(self, node: _Node, dot: Any) -> None:
        assert node.pipe is not None
        known = len(self._variables)
        value = self._evaluate(node.pipe, dot)
        names = node.pipe.declares
        if node.word == "range":
            self._range(node, value, names, dot)
        else:
            if names:
                self._set(node.pipe, names[0], value)
            if truth(value):
                self.block(node.body, value if node.word == "with" else dot)
            else:
                self.block(node.otherwise, dot)
        del self._variables[known:]

    def _range(self, node: _Node, value: Any, names: tuple[str, ...], dot: Any) -> None:
        if isinstance(value, Mapping):
            pairs: list[tuple[Any, Any]] = [(key, value[key]) for key in sorted(value)]
        elif isinstance(value, list | tuple):
            pairs = list(enumerate(value))
        elif value is NO_VALUE or value is None:
            pairs = []
        elif type(value) is int:
            pairs = [(number, number) for number in range(min(value, _MOST_STEPS))]
        else:
            assert node.pipe is not None
            raise self._error(node.pipe.commands[-1][0], f"range can't iterate over {plain(value)}")
        for key, item in pairs:
            known = len(self._variables)
            self._variables += zip(names, (key, item) if len(names) == 2 else (item,), strict=False)
            self.block(node.body, item)
            del self._variables[known:]
        if not pairs:
            self.block(node.otherwise, dot)

    def _evaluate(self, pipe: _Pipe, dot: Any) -> Any:
        value: Any = NO_VALUE
        for number, command in enumerate(pipe.commands):
            piped = [] if number == 0 else [value]
            first = command[0]
            if first.kind == "function":
                value = self._call(command, dot, piped)
            elif len(command) > 1 or piped:
                is_field = first.fields and f"{first.fields[-1]} is not a method but has arguments"
                raise self._error(first, is_field or f"can't give argument to non-function {first.text}")
            elif first.kind == "value" and first.value is None:
                raise self._error(first, "nil is not a command")
            else:
                value = self._operand(first, dot)
        return value

    def _call(self, command: _Command, dot: Any, piped: list[Any]) -> Any:
        name, operands = command[0].value, command[1:]
        function, count = FUNCTIONS[name], len(operands) + len(piped)
        if count < function.least or (function.most is not None and count > function.most):
            want = function.least if function.most is not None else f"at least {function.least}"
            raise self._error(command[0], f"wrong number of args for {name}: want {want} got {count}")
        arguments = [*(self._operand(operand, dot) for operand in operands), *piped]
        for operand, value in zip(operands, arguments[: function.texts], strict=False):
            if not isinstance(value, str):
                raise self._error(operand, f"expected string; found {operand.text}")
        try:
            return function.run(*arguments)
        except CallError as error:
            whole = " ".join(operand.text for operand in command)
            raise self._error(replace(command[0], text=whole), f"error calling {name}: {error}") from None
        except (TypeError, ValueError, AttributeError, OverflowError):
            raise self._error(command[0], f"wrong arguments for {name}") from None

    def _operand(self, operand: _Operand, dot: Any) -> Any:
        if operand.kind == "value":
            return operand.value
        if operand.kind == "function":
            return self._call([operand], dot, [])
        if operand.kind == "variable":
            value = next(value for name, value in reversed(self._variables) if name == operand.value)
        else:
            value = self._evaluate(operand.value, dot) if operand.kind == "pipe" else dot
        for name in operand.fields:
            if isinstance(value, Mapping):
                value = value.get(name, NO_VALUE)
            elif value is not NO_VALUE and value is not None:
                raise self._error(operand, f"can't evaluate field {name} in type interface {{}}")
        return value

    def _error(self, operand: _Operand, why: str) -> TemplateError:
        line = self._text.count("\n", 0, operand.at) + 1
        column = operand.at - (self._text.rfind("\n", 0, operand.at) + 1)
        shown = "nil" if operand.kind == "value" and operand.value is None else operand.text
        return TemplateError(f'template: output:{line}:{column}: executing "output" at <{shown}>: {why}')
