"""What Argo CD says in a story: which Application a line is about, where there is more than one."""

from __future__ import annotations

import re

from tests.agents.lab import Lab, application, config_map, deployment

FILES = {
    "web/web.yaml": deployment(3),
    "web/old.yaml": config_map("old"),
    "orders/orders.yaml": deployment(1, name="orders"),
}
WEB = application("web", path="web", automated={"selfHeal": True, "prune": True})
ORDERS = application("orders", path="orders", automated={})


def played(lab: Lab, *apps: dict[str, object]) -> list[tuple[str, str]]:
    """A day with drift, a commit that prunes, one that cannot be applied, and one that cannot be rendered: ``(app, line)``."""
    lab.repo(FILES)
    for app in apps:
        lab.cluster.create(app)
    lab.clock.settle()
    lab.run(60)
    lab.scale(7)
    lab.run(60)
    lab.commit({"web/old.yaml": None, "web/web.yaml": deployment(4)})
    lab.run(300)
    lab.commit({"web/web.yaml": deployment(4).replace("replicas: 4", "replicas: many")})
    lab.run(600)
    lab.commit({"web/web.yaml": "a: [b"})
    lab.run(900)
    return [(r.data["app"], r.message) for r in lab.trace.story() if r.actor == "argocd"]


def named(line: str, app: str) -> bool:
    """Whether the line says the name, other than as the name of an object."""
    return bool(re.search(rf"(?<![\w/]){app}(?!\w)", line))


def test_where_there_are_two_applications_every_line_says_which_one_it_is_about(lab: Lab) -> None:
    lines = played(lab, WEB, ORDERS)
    assert {app for app, _ in lines} == {"web", "orders"}
    assert [line for app, line in lines if not named(line, app)] == []
    story = "\n".join(line for _, line in lines)
    for words in (
        "compares orders for the first time with ",
        "polls for orders (next in ",
        "sees it at once (watch) in web: Deployment/web OutOfSync  .spec.replicas  Git 3, cluster 7",
        "self-heals web, attempt 1, no wait: Deployment/web configured",
        "prunes ConfigMap/old of web: it is in the cluster, not in Git",
        "cannot load the target state of web: ",
    ):
        assert words in story, story


def test_a_lone_application_is_not_named(lab: Lab) -> None:
    story = "\n".join(line for _, line in played(lab, WEB))
    for words in ("compares for the first time with ", "polls (next in ", "self-heals, attempt 1", "prunes ConfigMap/old: "):
        assert words in story, story


def test_the_last_one_left_is_not_named_any_more(lab: Lab) -> None:
    lab.repo(FILES)
    for app in (WEB, ORDERS):
        lab.cluster.create(app)
    lab.clock.settle()
    lab.run(60)
    lab.cli("app delete orders --yes")
    lab.run(60)
    lab.scale(7)
    assert lab.trace.find(event="SelfHealed")[-1].message == "self-heals, attempt 1, no wait: Deployment/web configured"
