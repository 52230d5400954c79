"""Cases of an item: what ``$name`` stands for when one seed or another asks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from gitops_sim.course.quiz.item import VARIABLE
from gitops_sim.scenarios.reading import Reader


def read_cases(fields: Mapping[str, Reader]) -> Sequence[Mapping[str, str]]:
    """``cases: [{replicas: 4}, {replicas: 6}]``: what ``$replicas`` stands for. Each case names the same variables."""
    if "cases" not in fields:
        return [{}]
    cases: list[dict[str, str]] = []
    for item in fields["cases"].items():
        case = {}
        for name, inner in item.entries().items():
            plain = inner.plain()
            if isinstance(plain, list | dict) or plain is None:
                inner.fail("must be a text, a number, true or false")
            case[name] = inner.node.value
        if cases and case.keys() != cases[0].keys():
            item.fail("does not name the same variables as the first case", "name " + ", ".join(cases[0]))
        cases.append(case)
    return cases if len(cases) > 1 else fields["cases"].fail("must hold two cases or more", "leave 'cases' out")


def filled(value: Reader, case: Mapping[str, str]) -> Reader:
    """The item with ``$name`` replaced by what the case says. An unquoted value is read anew: it may become a number."""
    if not case:
        return value
    used: set[str] = set()
    pairs = [pair for pair in value.node.value if pair[0].value != "cases"]
    plain = yaml.MappingNode(value.node.tag, pairs, value.node.start_mark, value.node.end_mark)
    node = _fill(plain, case, used, {})
    for name in case:
        if name not in used:
            value.fail(f"'cases' name {name!r}, which nothing uses", f"write ${name} where it belongs")
    return Reader(node, value.source, value.field)


def _fill(node: yaml.Node, case: Mapping[str, str], used: set[str], done: dict[int, yaml.Node]) -> yaml.Node:
    if id(node) in done:
        return done[id(node)]
    new: yaml.Node
    if isinstance(node, yaml.ScalarNode):
        names = [name for name in VARIABLE.findall(node.value) if name in case]
        used.update(names)
        text = VARIABLE.sub(lambda found: case.get(found[1], found[0]), node.value) if names else node.value
        tag = _tag(text) if names and node.style is None else node.tag
        new = yaml.ScalarNode(tag, text, node.start_mark, node.end_mark, node.style)
    elif isinstance(node, yaml.MappingNode):
        pairs = [(_fill(k, case, used, done), _fill(v, case, used, done)) for k, v in node.value]
        new = yaml.MappingNode(node.tag, pairs, node.start_mark, node.end_mark)
    else:
        items = [_fill(child, case, used, done) for child in node.value]
        new = yaml.SequenceNode(node.tag, items, node.start_mark, node.end_mark)
    done[id(node)] = new
    return new


def _tag(text: str) -> str:
    """What an unquoted text is in YAML."""
    resolver: Any = yaml.SafeLoader("")
    tag: str = resolver.resolve(yaml.ScalarNode, text, (True, False))
    return tag
