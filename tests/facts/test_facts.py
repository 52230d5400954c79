"""The shipped facts are those of the package of schemas, and our tables of Go's types say the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gitops_sim.cluster.kinds import Kinds
from gitops_sim.cluster.merge_keys import rules
from gitops_sim.cluster.schema import PACKAGES, core, facts, others, struct_of, workloads
from tests.facts.write import text

TABLES = {
    "core": (core.TABLE, ("core.v1", "meta.v1")),
    "workloads": (workloads.TABLE, ("apps.v1", "batch.v1", "policy.v1")),
    "autoscaling": (workloads.AUTOSCALING, ("autoscaling.v2",)),
    "others": (
        others.TABLE,
        tuple(package for package, table in PACKAGES.items() if table is others.TABLE),
    ),
}
# Types that are listed under another name, or that are not looked into.
RENAMED = {"EndpointSlicePort": "discovery.v1.EndpointPort"}
NUMBERS = ("int32", "int64", "bool", "Quantity", "IntOrString", "Time", "MicroTime", "bytes")
TWICE = {"ServiceReference": "admissionregistration.v1", "WebhookClientConfig": "admissionregistration.v1"}


def entries(table: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    text, packages = TABLES[table]
    for line in text.replace("\n  ", " ").strip().splitlines():
        name, _, written = line.partition(": ")
        found = [f"{package}.{name}" for package in packages if f"{package}.{name}" in facts.type_names()]
        full = RENAMED.get(name) or (f"{TWICE[name]}.{name}" if name in TWICE else found[0])
        fields = [field.partition(" ")[::2] for field in written.split(", ")]
        yield full, [(one.rstrip("!?"), two.lstrip("*")) for one, two in fields if one != "TypeMeta"]


@pytest.mark.parametrize("table", TABLES)
def test_tables_list_the_fields_that_the_facts_list(table: str) -> None:
    for full, fields in entries(table):
        known = facts.fields(full)
        listed = {name for name, _ in fields}
        assert listed == set(known) - {"apiVersion", "kind"} | (listed & {"apiVersion", "kind"}), full
        for name, type_ in fields:
            assert same_type(type_, known[name].type), f"{full}.{name}: {type_}, in the facts {known[name].type}"


def same_type(listed: str, known: str) -> bool:
    """Kinds of strings have names in Go; ``any`` is what is stored as it comes."""
    bare, fact = listed.lstrip("[]{}"), known.lstrip("[]{}")
    if listed.removesuffix(bare) != known.removesuffix(fact):
        return bare == "any"
    plain = {"boolean": "bool", "RawExtension": "any", "FieldsV1": "any"}.get(fact, fact).rpartition(".")[2]
    return bare in ("any", plain) or RENAMED.get(bare) == fact or (fact == "string" and bare not in NUMBERS)


def test_the_file_is_what_the_package_of_schemas_gives() -> None:
    assert facts.FACTS.read_text(encoding="utf-8") == text(), "run python -m tests.facts.write"


def test_every_built_in_kind_has_a_type() -> None:
    missing = [str(kind) for kind in Kinds() if not kind.custom and struct_of(kind) is None]
    assert not missing


def test_how_lists_merge_is_told_of_every_field() -> None:
    ports = facts.fields("core.v1.Container")["ports"]
    assert (ports.list_type, ports.list_keys, ports.merge_key) == ("map", ("containerPort", "protocol"), "containerPort")
    selector = facts.fields("core.v1.ServiceSpec")["selector"]
    assert selector.map_type == "atomic"
    assert facts.atomic("core.v1.LocalObjectReference")


def test_a_type_that_holds_itself_has_rules() -> None:
    definition = Kinds().find("crd")
    assert definition is not None
    schema = rules(definition).fields["spec"].fields["versions"].fields["schema"].fields["openAPIV3Schema"]
    assert schema.fields["x-kubernetes-validations"].key == "rule"
