"""How much work a cluster's workloads have, as data, and what their Pods use for it: the metrics server of the simulator.

Who gives a workload a load says what all its Pods together need; they share it evenly, those that are ready. A cluster that was
never given any load has no metrics server, like a fresh kind or kubeadm cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitops_sim.cluster.quantity import QuantityError, amount
from gitops_sim.errors import BadInput
from gitops_sim.objects import Object

Amounts = Mapping[str, int]
"""Thousandths of a unit, by resource: cpu in millicores, memory in thousandths of a byte."""


class Load:
    """The load of each workload, by namespace, kind and name. It stays until it is set anew."""

    def __init__(self) -> None:
        self._loads: dict[tuple[str, str, str], Amounts] = {}

    @property
    def measured(self) -> bool:
        """Whether there are metrics at all."""
        return bool(self._loads)

    def set(self, kind: str, name: str, namespace: str = "default", **resources: str) -> None:
        """``set("Deployment", "web", cpu="900m")``: what all Pods of a workload need together. Raises BadInput."""
        given: dict[str, int] = {}
        for resource, quantity in resources.items():
            if resource not in ("cpu", "memory"):
                raise BadInput(f"a load of {resource!r}", mend="give cpu or memory")
            try:
                given[resource] = int(amount(quantity) * 1000)
            except QuantityError:
                raise BadInput(
                    f"not an amount of {resource}: {quantity!r}", mend="write it as in a manifest: 900m, 1Gi"
                ) from None
            if given[resource] < 0:
                raise BadInput(f"a load cannot be {quantity}", mend="give 0 or more")
        self._loads[namespace, kind, name] = given

    def usage(self, kind: str, name: str, namespace: str, ready: Sequence[Object]) -> dict[str, Amounts]:
        """What each of the ``ready`` Pods of a workload uses, by Pod name."""
        shares = self._loads.get((namespace, kind, name), {})
        each = {resource: total // len(ready) for resource, total in shares.items()} if ready else {}
        return {pod["metadata"]["name"]: {"cpu": 0, "memory": 0, **each} for pod in ready}
