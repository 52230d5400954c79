"""How a strategic merge patch treats the fields of the built-in kinds: which lists merge, and by which key.

Source: the patch strategies among the facts (:mod:`gitops_sim.cluster.schema.facts`). A field without one has the plain
rule: mappings merge, lists and values are replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.schema import facts


@dataclass(frozen=True, slots=True)
class Rule:
    """One field. ``merge``: a list whose items merge, by the field ``key`` of each, or as a set of values when ``key`` is empty.
    ``retain_keys``: the patch says which keys stay. ``fields``: the rules of what is inside."""

    merge: bool = False
    key: str = ""
    retain_keys: bool = False
    fields: Mapping[str, Rule] = field(default_factory=dict)


PLAIN = Rule()
_KNOWN: dict[str, dict[str, Rule]] = {}


@cache
def rules(kind: Kind) -> Rule:
    """The rules of a whole object of a built-in kind."""
    name = facts.type_of(kind.group, kind.version, kind.kind)
    return Rule(fields=_inside(name) if name else {"metadata": Rule(fields=_inside("meta.v1.ObjectMeta"))})


def _inside(name: str) -> dict[str, Rule]:
    """The fields of a type that have a rule, or have one inside. Worked out once; a type that holds itself has none."""
    found = _KNOWN.get(name)
    if found is None:
        found = _KNOWN[name] = {}
        for fact in facts.fields(name).values():
            inner = {} if fact.type.startswith("{}") else _inside(fact.bare)
            if fact.merge or fact.retain_keys or inner:
                found[fact.name] = Rule(fact.merge, fact.merge_key, fact.retain_keys, inner)
    return found
