"""How much Applications cost when nothing happens, and when everything changes at once.

``python bench/agents.py``: takes two minutes or so and stops by itself. 1,000 Applications of 10 ConfigMaps, all of one
repository; seconds are of processor time. A reconcile is one look at an Application that compares its objects with Git's.
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
DAYS = 30
IDLE, GROWTH, RECONCILES = 1.0, 1.1, 3_000
"""What is aimed at: seconds for an idle day; how much more one may take with ten times more objects; reconciles a second."""


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
    return {f"app/c{number}.yaml": config_map(f"c{number}", value) for number in range(objects)}


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
    check(world)
    return world


def check(world: World) -> None:
    assert all(app["status"]["sync"]["status"] == "Synced" for app in world.argocd_in().applications())


def idle(world: World, days: int = 1) -> float:
    """Seconds."""
    began = time.process_time()
    world.run(DAY * days)
    return time.process_time() - began


def commit(world: World, changed: dict[str, str]) -> tuple[int, float]:
    """Looks, and the seconds that they took with all that follows from them, after a commit that every Application sees."""
    counted = Counted(Comparer.compare)
    Comparer.compare = counted  # type: ignore[method-assign, assignment]
    try:
        began = time.process_time()
        world.git.repository("shop").commit(changed, "Change", author="ana")
        world.run("4m")
        took = time.process_time() - began
    finally:
        Comparer.compare = counted.plain
    check(world)
    return counted.looks, took


def main() -> None:
    world = built(APPLICATIONS, OBJECTS)
    print(f"an idle day of {APPLICATIONS:,} Applications of {OBJECTS} objects: {idle(world):.3f} s (aim: {IDLE:g} s)")
    for what, changed in (
        ("a commit beside all of them", {"README.md": "hello\n"}),
        ("a commit that changes all that they have", files("b", OBJECTS)),
    ):
        looks, took = commit(world, changed)
        print(f"{what}: {looks:,} reconciles in {took:.2f} s, {looks / took:,.0f} a second (aim: {RECONCILES:,})")
    few, many = (idle(built(APPLICATIONS // 10, objects), DAYS) for objects in (OBJECTS, 10 * OBJECTS))
    growth = many / few
    print(f"idle, with ten times more objects: x{growth:.2f} (aim: x{GROWTH:g}; {DAYS} days: {few:.3f} s and {many:.3f} s)")


if __name__ == "__main__":
    main()
