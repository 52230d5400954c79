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

``Quantity``, ``IntOrString``, ``Time``, ``MicroTime``, ``bytes`` (base64) and ``any`` are read by rules of their own; a name that
is in no table is a kind of string. ``TypeMeta`` stands for ``apiVersion`` and ``kind``.
"""

from __future__ import annotations

from functools import cache

from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.schema import core, others, workloads
from gitops_sim.cluster.schema.types import Struct, Tables

_TABLES = Tables(("v1", core.TABLE), ("v1", workloads.TABLE), ("v2", workloads.AUTOSCALING), ("v1", others.TABLE))


@cache
def struct_of(kind: Kind) -> Struct | None:
    """The type of a built-in kind; None for a custom one, and for the few built-in ones that no table lists."""
    return None if kind.custom else _TABLES.struct(kind.kind)


@cache
def object_meta() -> Struct:
    """The type of ``metadata``, the same for all kinds."""
    found = _TABLES.struct("ObjectMeta")
    assert found is not None
    return found
