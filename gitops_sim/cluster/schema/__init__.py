"""What a built-in object may hold: the fields of every type, and how Go's JSON reads and writes them.

The tables in this package list, per type, ``field type`` pairs:

====================  =====================================================================================
``name string``       left out of JSON when it is empty, zero or false
``name! string``      always written: ``""``, ``0``, ``false``, ``{}``, or null for lists, maps and pointers
``replicas *int32``   a pointer: left out when unset, kept when it points to a zero
``env []EnvVar``      a list
``labels {}string``   a map with keys of one's own choice
``status PodStatus``  a type of these tables; always written, as ``{}`` when empty (``?``: not then)
====================  =====================================================================================

Kinds that no table lists are made from the facts of :mod:`gitops_sim.cluster.schema.facts`. A test compares the tables with the
facts, which do not say what is a pointer and what Go's names and order are: messages show these.

``Quantity``, ``IntOrString``, ``Time``, ``MicroTime``, ``bytes`` (base64) and ``any`` are read by rules of their own; a name that
is in no table is a kind of string. ``TypeMeta`` stands for ``apiVersion`` and ``kind``.
"""

from __future__ import annotations

from functools import cache

from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.schema import core, facts, others, workloads
from gitops_sim.cluster.schema.derived import Derived
from gitops_sim.cluster.schema.types import Struct, Tables

PACKAGES = {
    "core.v1": core.TABLE,
    "apps.v1": workloads.TABLE,
    "autoscaling.v2": workloads.AUTOSCALING,
    **dict.fromkeys(("batch.v1", "policy.v1"), workloads.TABLE),
    **dict.fromkeys(("admissionregistration.v1", "apiextensions.v1", "coordination.v1", "discovery.v1"), others.TABLE),
    **dict.fromkeys(("networking.v1", "rbac.v1", "scheduling.v1", "storage.v1"), others.TABLE),
}
"""Which table lists kinds of a package, if it lists them."""

_TABLES = Tables(("v1", core.TABLE), ("v1", workloads.TABLE), ("v2", workloads.AUTOSCALING), ("v1", others.TABLE))
_DERIVED = Derived(_TABLES)


@cache
def struct_of(kind: Kind) -> Struct | None:
    """The type of a built-in kind; None for a custom one."""
    name = "" if kind.custom else facts.type_of(kind.group, kind.version, kind.kind)
    if not name:
        return None
    listed = _TABLES.struct(kind.kind) if name.rpartition(".")[0] in PACKAGES else None
    return listed or _DERIVED.struct(name)


@cache
def object_meta() -> Struct:
    """The type of ``metadata``, the same for all kinds."""
    found = _TABLES.struct("ObjectMeta")
    assert found is not None
    return found
