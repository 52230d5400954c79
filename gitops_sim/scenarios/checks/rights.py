"""Words about rights: who can do what, and how far a credential reaches."""

from __future__ import annotations

from gitops_sim.cluster.access.reach import may
from gitops_sim.cluster.access.reach import reach as reach_of
from gitops_sim.scenarios.checks.vocabulary import Measured, Param, Verdict, check, measure
from gitops_sim.scenarios.evidence import Evidence
from gitops_sim.scenarios.reading import Reader

_USER = Param("who: a person, or system:serviceaccount:NAMESPACE:NAME", Reader.text, required=True)
_VERB = Param("what: get, list, create, update, patch, delete or another verb of the API", Reader.text, required=True)
_RESOURCE = Param("with what: pods, deployments, pods/log", Reader.text, required=True)
_NAMESPACE = Param("where; the namespace default when left out", Reader.text)
_CLUSTER = Param("in which cluster; the first one when left out", Reader.text)


@check(user=_USER, verb=_VERB, resource=_RESOURCE, namespace=_NAMESPACE, cluster=_CLUSTER)
def can(evidence: Evidence, *, user: str, verb: str, resource: str, namespace: str = "default", cluster: str = "") -> Verdict:
    """A user has a right, as ``kubectl auth can-i`` would say."""
    found = may(evidence.world.cluster(cluster), user, verb, resource, namespace)
    return Verdict(found, f"{user} can {verb} {resource} in {namespace}", "yes" if found else "no")


@check(user=_USER, verb=_VERB, resource=_RESOURCE, namespace=_NAMESPACE, cluster=_CLUSTER)
def cannot(evidence: Evidence, *, user: str, verb: str, resource: str, namespace: str = "default", cluster: str = "") -> Verdict:
    """A user lacks a right, as ``kubectl auth can-i`` would say."""
    found = may(evidence.world.cluster(cluster), user, verb, resource, namespace)
    return Verdict(not found, f"{user} cannot {verb} {resource} in {namespace}", "yes, they can" if found else "no")


@measure(user=_USER, cluster=_CLUSTER)
def reach(evidence: Evidence, *, user: str, cluster: str = "") -> Measured:
    """How many kinds of objects a user may change, and where."""
    found = reach_of(evidence.world.cluster(cluster), user)
    return Measured(len({right.resource for right in found.writes}), found.summary())
