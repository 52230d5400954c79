"""No object of any built-in kind, valid or slightly broken, brings the cluster down; and defaults are filled in once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_sim.cluster import Cluster
from gitops_sim.cluster.decoding import decode
from gitops_sim.cluster.defaults import default
from gitops_sim.cluster.kinds import Kind, Kinds
from gitops_sim.errors import ApiError
from tests.facts.objects import broken, objects

KINDS = [kind for kind in Kinds().served() if kind.kept and not kind.custom]
NAMES = [kind.resource if kind.stored is None else f"{kind.plural}.{kind.version}.{kind.group}" for kind in KINDS]
quickly = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


def written(cluster: Cluster, kind: Kind, obj: Any) -> bool:
    """Whether the cluster takes the object and gives it back."""
    try:
        made = cluster.create(obj)
    except ApiError as error:
        return error.code < 400
    again = cluster.update(made)
    assert again == made, "what was read can be written back and changes nothing"
    return True


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
@given(data=st.data())
@quickly
def test_every_object_is_taken_or_refused(kind: Kind, data: st.DataObject) -> None:
    cluster = Cluster(controllers=False)
    obj = data.draw(objects(kind))
    written(cluster, kind, obj)
    written(cluster, kind, data.draw(broken(obj)))


@pytest.mark.parametrize(
    "kind",
    [kind for kind in KINDS if kind.stored is None],
    ids=[n for n, k in zip(NAMES, KINDS, strict=True) if k.stored is None],
)
@given(data=st.data())
@quickly
def test_defaults_are_filled_in_once(kind: Kind, data: st.DataObject) -> None:
    try:
        filled = default(kind, decode(kind, data.draw(objects(kind))))
    except ApiError:
        return
    assert default(kind, filled) == filled
