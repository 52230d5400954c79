"""Go templates at work: ``text/template`` as Helm uses it, over the syntax trees of gotpl.

gotpl parses and brings the functions of sprig; the walk over the tree is ours, because Go's reading of nil, of types and of
errors is what a chart's author meets every day, and gotpl's machine differs in all three: there ``.Values.missing.key`` is empty,
``.Values.name.upper`` calls a method of Python, and an error has no ``at <.Values.missing.key>``.
Source of every rule: Go 1.27 ``text/template/exec.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gotpl.parse import nodes
from gotpl.parse.nodes import CommandNode, ListNode, PipeNode

from gitops_sim.manifests.helm.bounds import DEEPEST, Account, TooMuch
from gitops_sim.manifests.helm.calls import Function, validated
from gitops_sim.manifests.helm.go import NO_VALUE, Struct, is_true, quoted, text_of, type_name
from gitops_sim.manifests.helm.metadata import Texts
from gitops_sim.manifests.helm.spelling import position, spelled

_MISSING = object()
"""No value is piped into a command."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A named template: its tree, and the text that this is a part of."""

    name: str
    body: ListNode
    file: str
    source: bytes


class ExecError(Exception):
    """A template failed: where (``file:line:column``), in which template, at which node, and why (``cause`` when a function
    failed)."""

    def __init__(self, location: str, template: str, context: str, message: str, cause: Exception | None = None) -> None:
        self.location, self.template, self.context, self.message, self.cause = location, template, context, message, cause
        super().__init__(f"template: {location}: executing {quoted(template)} at <{context}>: {message}")


class Machine:
    """Runs templates; everything that one chart renders is on one account."""

    def __init__(self, definitions: Mapping[str, Definition], functions: Mapping[str, Function]) -> None:
        self.definitions, self.functions, self.account = definitions, functions, Account()

    def run(self, definitions: Mapping[str, Definition], name: str, data: Any) -> str:
        """What a template writes for ``data``; ``definitions`` are those known in it. Raises ExecError, TooMuch, and KeyError for
        a name that is not there."""
        self.account.depth += 1
        if self.account.depth > DEEPEST:
            raise TooMuch(f"rendering template has a nested reference name: {name}: unable to execute template")
        try:
            walk = _Walk(self, definitions[name], definitions, data)
            walk.list(data, walk.definition.body)
            return "".join(walk.out)
        finally:
            self.account.depth -= 1


class _Walk:
    """One template on its way: its output, its variables, and the node that an error would name."""

    def __init__(self, machine: Machine, definition: Definition, definitions: Mapping[str, Definition], data: Any) -> None:
        self.machine, self.definition, self.definitions = machine, definition, definitions
        self._step = machine.account.step
        self.out: list[str] = []
        self._variables: list[tuple[str, Any]] = [("$", data)]
        self._node: Any = None
        self._parts: dict[type, Callable[[Any, Any], str | None]] = {
            nodes.TextNode: self._text,
            nodes.ActionNode: self._action,
            nodes.IfNode: self._if,
            nodes.WithNode: self._with,
            nodes.RangeNode: self._range,
            nodes.TemplateCallNode: self._template,
            nodes.BlockNode: self._template,
            nodes.BreakNode: lambda _dot, _node: "break",
            nodes.ContinueNode: lambda _dot, _node: "continue",
        }

    # ------------------------------------------------------------------ statements

    def list(self, dot: Any, body: ListNode) -> str | None:
        """Walks over nodes; ``break`` or ``continue`` when one of them says so."""
        for node in body.nodes:
            self._step()
            said = self._parts[type(node)](dot, node)
            if said:
                return said
        return None

    def _write(self, text: str) -> None:
        self.machine.account.write(text)
        self.out.append(text)

    def _text(self, _dot: Any, node: nodes.TextNode) -> None:
        self._write(node.text)

    def _action(self, dot: Any, node: nodes.ActionNode) -> None:
        value = self._pipeline(dot, node.pipeline)
        if not node.pipeline.declarations:
            if isinstance(value, list | dict):
                self._step(self.machine.account.weight(value))
            self._write(text_of(value))

    def _if(self, dot: Any, node: nodes.IfNode) -> str | None:
        mark = len(self._variables)
        truth = is_true(self._pipeline(dot, node.pipeline))
        body = node.body if truth else node.else_body
        said = self.list(dot, body) if body else None
        del self._variables[mark:]
        return said

    def _with(self, dot: Any, node: nodes.WithNode) -> str | None:
        mark = len(self._variables)
        value = self._pipeline(dot, node.pipeline)
        truth = is_true(value)
        body = node.body if truth else node.else_body
        said = self.list(value if truth else dot, body) if body else None
        del self._variables[mark:]
        return said

    def _range(self, dot: Any, node: nodes.RangeNode) -> str | None:
        mark = len(self._variables)
        value = self._pipeline(dot, node.pipeline, declare=False)
        declared = node.pipeline.declarations
        ran = False
        for key, item in self._entries(value):
            self._step()
            ran = True
            inner = len(self._variables)
            if node.pipeline.is_assignment:
                for variable, given in zip(declared, (item,) if len(declared) == 1 else (key, item), strict=False):
                    self._assign(variable.name, given)
            elif declared:
                given = (item,) if len(declared) == 1 else (key, item)
                self._variables += [(variable.name, one) for variable, one in zip(declared, given, strict=False)]
            said = self.list(item, node.body)
            del self._variables[inner:]
            if said == "break":
                break
        outer = None
        if not ran and node.else_body:
            outer = self.list(dot, node.else_body)
        del self._variables[mark:]
        return outer

    def _entries(self, value: Any) -> Iterable[tuple[Any, Any]]:
        if value is NO_VALUE or value is None:
            return ()
        if isinstance(value, dict):
            return [(key, value[key]) for key in sorted(value)]
        if isinstance(value, list | tuple | bytes):
            return enumerate(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return ((number, number) for number in range(value))
        if isinstance(value, Struct) and hasattr(value, "__iter__"):
            return enumerate(value)
        raise self._error(f"range can't iterate over {text_of(value)}")

    def _template(self, dot: Any, node: nodes.TemplateCallNode | nodes.BlockNode) -> None:
        self._node = node
        definition = self.definitions.get(node.name)
        if definition is None:
            raise self._error(f"template {quoted(node.name)} not defined")
        data = NO_VALUE if node.pipeline is None else self._pipeline(dot, node.pipeline)
        self.out.append(self.machine.run(self.definitions, node.name, data))

    # ------------------------------------------------------------------ pipelines

    def _pipeline(self, dot: Any, pipe: PipeNode, *, declare: bool = True) -> Any:
        self._node = pipe
        value: Any = _MISSING
        for command in pipe.commands:
            value = self._command(dot, command, value)
            if value is None:
                value = NO_VALUE
        for variable in pipe.declarations if declare else ():
            if pipe.is_assignment:
                self._assign(variable.name, value)
            else:
                self._variables.append((variable.name, value))
        return value

    def _assign(self, name: str, value: Any) -> None:
        for index in range(len(self._variables) - 1, -1, -1):
            if self._variables[index][0] == name:
                self._variables[index] = (name, value)
                return
        raise self._error(f"undefined variable: {name}")

    def _command(self, dot: Any, command: CommandNode, piped: Any) -> Any:
        self._step()
        first = command.arguments[0]
        if isinstance(first, nodes.IdentifierNode):
            return self._function(dot, first, command, command.arguments, piped)
        if isinstance(first, nodes.FieldNode | nodes.VariableNode | nodes.ParenthesizedNode):
            return self._operand(dot, first, command.arguments, piped)
        self._node = first
        self._no_function(command.arguments, piped)
        if isinstance(first, nodes.NilNode):
            raise self._error("nil is not a command")
        return dot if isinstance(first, nodes.DotNode) else constant(first)

    def _operand(self, dot: Any, node: Any, arguments: Sequence[Any], piped: Any) -> Any:
        """A value with the fields behind it; the last of these may be a method with arguments."""
        if isinstance(node, nodes.ParenthesizedNode):
            if not node.fields:
                self._no_function(arguments, piped)
                return self._pipeline(dot, node.pipeline)
            value = self._pipeline(dot, node.pipeline)
        else:
            self._node = node
            value = dot if isinstance(node, nodes.FieldNode) else self._variable(node.name)
            if not node.fields:
                self._no_function(arguments, piped)
                return value
        last, concrete = len(node.fields) - 1, True
        for index, name in enumerate(node.fields):
            given, final = (arguments, piped) if index == last else ((node,), _MISSING)
            holder, value = value, self._field(dot, name, node, given, final, value, concrete=concrete)
            concrete = isinstance(holder, Struct)
        return value

    def _variable(self, name: str) -> Any:
        for known, value in reversed(self._variables):
            if known == name:
                return value
        raise self._error(f"undefined variable: {name}")

    def _field(self, dot: Any, name: str, node: Any, arguments: Sequence[Any], piped: Any, value: Any, *, concrete: bool) -> Any:
        if value is NO_VALUE:
            return None
        if value is None:
            raise self._error(f"nil pointer evaluating interface {{}}.{name}")
        methods = getattr(value, "go_methods", None)
        if methods and name in methods:
            return self._call(dot, methods[name], node, name, arguments, piped)
        given = len(arguments) > 1 or piped is not _MISSING
        fields = value if isinstance(value, dict) else getattr(value, "go_fields", None)
        if isinstance(value, dict) or (fields and name in fields):
            if given:
                raise self._error(f"{name} is not a method but has arguments")
            return fields.get(name, "" if isinstance(value, Texts) else None) if fields is not None else None
        raise self._error(f"can't evaluate field {name} in type {type_name(value) if concrete else 'interface {}'}")

    # ------------------------------------------------------------------ calls

    def _function(self, dot: Any, node: Any, command: Any, arguments: Sequence[Any], piped: Any) -> Any:
        self._node = node
        if node.name in ("and", "or"):
            return self._and_or(dot, node.name, arguments[1:], piped)
        return self._call(dot, self.machine.functions[node.name], command, node.name, arguments, piped)

    def _and_or(self, dot: Any, name: str, arguments: Sequence[Any], piped: Any) -> Any:
        if not arguments and piped is _MISSING:
            raise self._error(f"wrong number of args for {name}: want at least 1 got 0")
        value: Any = None
        for argument in arguments:
            value = self._argument(dot, argument, "any")
            if is_true(value) == (name == "or"):
                return value
        return value if piped is _MISSING else piped

    def _call(self, dot: Any, function: Function, node: Any, name: str, arguments: Sequence[Any], piped: Any) -> Any:
        given = len(arguments) - 1 + (piped is not _MISSING)
        if given < function.least or (function.rest is None and given > len(function.kinds)):
            wanted = f"at least {function.least}" if function.rest else str(function.least)
            raise self._error(f"wrong number of args for {name}: want {wanted} got {given}")
        values = [self._argument(dot, argument, function.kind(index)) for index, argument in enumerate(arguments[1:])]
        if piped is not _MISSING:
            values.append(self._checked(piped, function.kind(len(values))))
        try:
            self.machine.account.call(name, values)
            return self.machine.account.made(function.call(self, values))
        except (TooMuch, RecursionError):
            raise
        except Exception as error:  # whatever a function of a library raises: the template is at fault
            self._node = node
            raise self._error(f"error calling {name}: {error}", error) from error

    def _argument(self, dot: Any, node: Any, kind: str) -> Any:
        self._node = node
        if isinstance(node, nodes.DotNode):
            return self._checked(dot, kind)
        if isinstance(node, nodes.NilNode):
            if kind in ("any", "map", "list"):
                return None
            raise self._error(f"cannot assign nil to {kind}")
        if isinstance(node, nodes.FieldNode | nodes.VariableNode | nodes.ParenthesizedNode):
            return self._checked(self._operand(dot, node, (node,), _MISSING), kind)
        if isinstance(node, nodes.IdentifierNode):
            return self._checked(self._function(dot, node, node, (node,), _MISSING), kind)
        value = constant(node)
        if kind == "float64" and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        expected = {"string": str, "bool": bool, "int": int, "float64": float}.get(kind)
        if expected and (not isinstance(value, expected) or (kind == "int" and isinstance(value, bool))):
            raise self._error(
                f"expected {'integer' if kind == 'int' else 'float' if kind == 'float64' else kind}; found {spelled(node)}"
            )
        return value if kind not in ("map", "list") else self._checked(value, kind)

    def _checked(self, value: Any, kind: str) -> Any:
        problem, value = validated(value, kind)
        if problem:
            raise self._error(problem)
        return value

    def _no_function(self, arguments: Sequence[Any], piped: Any) -> None:
        if len(arguments) > 1 or piped is not _MISSING:
            raise self._error(f"can't give argument to non-function {spelled(arguments[0])}")

    def _error(self, message: str, cause: Exception | None = None) -> ExecError:
        definition = self.definition
        line, column = position(self._node, definition.source)
        location = f"{definition.file}:{line}:{column}"
        return ExecError(location, definition.name, spelled(self._node), message, cause)


def constant(node: Any) -> Any:
    """The value of a literal."""
    if isinstance(node, nodes.CharacterNode):
        return ord(node.value)
    if isinstance(node, nodes.NumberNode):
        return number(node.text)
    return node.value


def number(text: str) -> int | float:
    """A number in Go's syntax: an int where it can be one."""
    plain = text.replace("_", "")
    lower = plain.lower()
    if "0x" not in lower and any(mark in lower for mark in ".e"):
        return float(plain)
    if "p" in lower:
        return float.fromhex(plain)
    sign = -1 if plain.startswith("-") else 1
    digits = lower.lstrip("+-")
    if digits[:2] in ("0x", "0b", "0o"):
        return sign * int(digits, 0)
    return sign * int(digits, 8 if len(digits) > 1 and digits[0] == "0" else 10)
