"""Objects of any built-in kind, made up from the facts: of the right types, and mostly of values that mean something."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.schema import facts

_WORDS = (
    "web",
    "a",
    "app.kubernetes.io/name",
    "TCP",
    "Always",
    "*",
    "cpu",
    "ReadWriteOnce",
    "apps",
    "0 * * * *",
    "",
    "Bad Name",
    "10.0.0.0/8",
    "x" * 64,
)
_PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "any": st.dictionaries(st.sampled_from(_WORDS), st.integers(-1, 3) | st.sampled_from(_WORDS), max_size=2),
    "boolean": st.booleans(),
    "bytes": st.sampled_from(("", "YQ==", "YWJj")),
    "double": st.floats(-1, 2),
    "int32": st.integers(-2, 5) | st.sampled_from((80, 70000, 2**31 - 1)),
    "int64": st.integers(-2, 5) | st.just(2**40),
    "string": st.sampled_from(_WORDS),
    "FieldsV1": st.just({}),
    "IntOrString": st.sampled_from((0, 1, -1, "25%", "200%", "http", "")),
    "MicroTime": st.just("2026-01-05T09:00:00.000000Z"),
    "Quantity": st.sampled_from(("1", "100m", "-1", "2Gi", 3, "0")),
    "RawExtension": st.just({"a": 1}),
    "Time": st.just("2026-01-05T09:00:00Z"),
}
_OF_THE_SERVER = ("managedFields", "deletionTimestamp", "resourceVersion", "uid", "selfLink", "ownerReferences")


def objects(kind: Kind) -> st.SearchStrategy[dict[str, Any]]:
    name = facts.type_of(kind.group, kind.version, kind.kind)
    return _struct(name, 0).map(lambda made: _named(kind, made))


def _named(kind: Kind, made: dict[str, Any]) -> dict[str, Any]:
    meta = {"name": "web", **({"namespace": "default"} if kind.namespaced else {})}
    return {**made, "apiVersion": kind.api_version, "kind": kind.kind, "metadata": {**made.get("metadata", {}), **meta}}


def _value(type_: str, depth: int) -> st.SearchStrategy[Any]:
    if type_.startswith("[]"):
        return st.lists(_value(type_[2:], depth + 1), max_size=2)
    if type_.startswith("{}"):
        return st.dictionaries(st.sampled_from(_WORDS), _value(type_[2:], depth + 1), max_size=2)
    return _PLAIN[type_] if type_ in _PLAIN else _struct(type_, depth + 1)


def _struct(name: str, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    @st.composite
    def build(draw: st.DrawFn) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for field in facts.fields(name).values():
            if field.name in ("apiVersion", "kind", *_OF_THE_SERVER) and depth < 2:
                continue
            likely = 9 if field.required or (depth < 2 and field.name == "spec") else max(1, 4 - depth)
            if depth < 8 and draw(st.integers(0, 9)) < likely:
                made[field.name] = draw(_value(field.type, depth))
        return made

    return build()


@st.composite
def broken(draw: st.DrawFn, obj: Any) -> Any:
    """``obj`` with one value somewhere in it exchanged for one of another type, or for nothing."""
    if isinstance(obj, dict) and obj and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(obj)))
        return {**obj, key: draw(broken(obj[key]))}
    if isinstance(obj, list) and obj and draw(st.integers(0, 5)):
        index = draw(st.integers(0, len(obj) - 1))
        return [*obj[:index], draw(broken(obj[index])), *obj[index + 1 :]]
    return draw(st.sampled_from((None, {}, [], "", 0, -1, 1.5, True, "x", [None], [{}], {"a": None}, 2**70)))
