"""How much Applications cost when nothing happens, and when everything changes at once.

``python bench/agents.py``: takes under a minute and stops by itself. 1,000 Applications of 10 ConfigMaps, all of one repository.
A reconcile is one look at an Application that compares its objects with Git's.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from gitops_sim import World
from gitops_sim.agents.argocd.compare import Comparer

APPLICATIONS = 1_000
OBJECTS = 10
DAY = 86_400.0
AIMS = {"idle": 1.0, "growth": 1.1, "reconciles": 3_000}
"""Seconds for an idle day; how much more one may take with ten times more objects in each; reconciles a second."""


@dataclass
class Counted:
    """Counts looks: it is put in the place of :meth:`Comparer.compare`."""

    plain: Any
    looks: int = 0

    def __get__(self, comparer: Comparer, _: type[Comparer]) -> Any:
        self.looks += 1
        return self.plain.__get__(comparer)


def config_map(name: str, value: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{key: {value}}}\n"


def files(value: str, objects: int) -> dict[str, str]:
    return {f"app/c{n}.yaml": config_map(f"c{n}", value) for n in range(objects)}


def application(number: int) -> dict[str, Any]:
    name = f"app-{number:04}"
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.example/shop.git", "path": "app", "targetRevision": "main"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": name},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}, "syncOptions": ["CreateNamespace=true"]},
        },
    }


def built(applications: int, objects: int) -> World:
    """A world in which everything is synced and two polls have passed."""
    world = World()
    world.git.create("shop", files("a", objects), author="ana")
    world.argocd_in()
    for number in range(applications):
        world.cluster().create(application(number))
    world.run("10m")
    assert all(app["status"]["sync"]["status"] == "Synced" for app in world.argocd_in().applications())
    return world


def idle_day(world: World) -> float:
    began = time.perf_counter()
    world.run(DAY)
    return time.perf_counter() - began


def change_all(world: World, objects: int) -> tuple[int, float]:
    """Looks, and the seconds that they took, syncs included, after one commit that changes every object."""
    counted = Counted(Comparer.compare)
    Comparer.compare = counted  # type: ignore[method-assign, assignment]
    try:
        began = time.perf_counter()
        world.git.repository("shop").commit(files("b", objects), "Change everything", author="ana")
        world.run("4m")
        took = time.perf_counter() - began
    finally:
        Comparer.compare = counted.plain
    assert all(app["status"]["sync"]["status"] == "Synced" for app in world.argocd_in().applications())
    return counted.looks, took


def main() -> None:
    world = built(APPLICATIONS, OBJECTS)
    idle = idle_day(world)
    print(f"an idle day of {APPLICATIONS:,} Applications of {OBJECTS} objects: {idle:.2f} s (aim: {AIMS['idle']:g} s)")
    looks, took = change_all(world, OBJECTS)
    rate = looks / took
    print(f"all of them changing: {looks:,} reconciles in {took:.2f} s, {rate:,.0f} a second (aim: {AIMS['reconciles']:,})")
    few, many = (idle_day(built(APPLICATIONS // 10, objects)) for objects in (OBJECTS, 10 * OBJECTS))
    print(f"ten times more objects in each: x{many / few:.2f} (aim: x{AIMS['growth']:g}; {few:.3f} s and {many:.3f} s)")


if __name__ == "__main__":
    main()
