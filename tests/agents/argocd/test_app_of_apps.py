"""Applications that deploy Applications."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.yaml_out import dump_yaml
from tests.agents.lab import Lab, application, config_map


def child(name: str, *, finalizer: bool = True, **given: Any) -> str:
    app = application(name, path=f"apps/{name}", automated={"prune": True, "selfHeal": True}, **given)
    if finalizer:
        app["metadata"]["finalizers"] = ["resources-finalizer.argocd.argoproj.io"]
    return str(dump_yaml(app, sort_keys=False))


def parent(name: str = "root", path: str = "root") -> dict[str, Any]:
    app = application(name, path=path, namespace="argocd", automated={"prune": True, "selfHeal": True})
    app["metadata"]["finalizers"] = ["resources-finalizer.argocd.argoproj.io"]
    return app


@pytest.fixture
def family(lab: Lab) -> Lab:
    lab.repo(
        {
            "root/api.yaml": child("api"),
            "root/web.yaml": child("web"),
            "apps/api/a.yaml": config_map("api"),
            "apps/web/a.yaml": config_map("web"),
        }
    )
    lab.add(parent())
    lab.run(10)
    return lab


def names(lab: Lab) -> list[str]:
    return [obj["metadata"]["name"] for obj in lab.cluster.list("app", "argocd")]


def test_the_parent_makes_its_children_and_they_what_is_theirs(family: Lab) -> None:
    assert names(family) == ["api", "root", "web"]
    assert {family.sync(name) for name in names(family)} == {"Synced"}
    assert family.cluster.find("cm", "web") is not None
    tracking = family.app("web")["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"]
    assert tracking == "root:argoproj.io/Application:argocd/web"
    assert family.health("root") == "Healthy"


def test_a_child_that_is_ill_does_not_make_its_parent_ill(family: Lab) -> None:
    """Argo CD does not assess the health of Applications unless it is told how."""
    family.commit({"apps/web/a.yaml": "a: [\n"})
    family.run(600)  # a first Git error is swallowed for a while
    assert family.sync("web") == "Unknown"
    assert (family.sync("root"), family.health("root")) == ("Synced", "Healthy")


def test_a_child_that_git_drops_goes_with_all_that_it_deployed(family: Lab) -> None:
    family.commit({"root/web.yaml": None})
    family.run(240)
    assert names(family) == ["api", "root"]
    assert family.cluster.find("cm", "web") is None
    assert family.cluster.find("cm", "api") is not None


def test_what_people_change_in_a_child_is_healed_by_its_parent(family: Lab) -> None:
    family.set_spec({"source": {"path": "apps/api"}}, "web")
    family.run(10)
    assert family.app("web")["spec"]["source"]["path"] == "apps/web"


def test_the_end_of_the_parent_is_the_end_of_all(family: Lab) -> None:
    family.cli("app delete root --yes")
    family.run(60)
    assert names(family) == []
    assert [name for name in ("api", "web") if family.cluster.find("cm", name)] == []


def test_children_without_a_finalizer_leave_what_they_deployed(lab: Lab) -> None:
    lab.repo({"root/web.yaml": child("web", finalizer=False), "apps/web/a.yaml": config_map("web")})
    lab.add(parent())
    lab.run(10)
    lab.cli("app delete root --yes")
    lab.run(60)
    assert names(lab) == []
    assert lab.cluster.find("cm", "web") is not None


def test_an_application_may_hold_itself(lab: Lab) -> None:
    lab.repo({"root/root.yaml": str(dump_yaml(parent(), sort_keys=False)), "root/cm.yaml": config_map()})
    lab.add(parent())
    lab.run(600)
    assert (lab.sync("root"), lab.health("root")) == ("Synced", "Healthy")
    assert len(lab.find("SyncSucceeded")) < 5
    lab.cli("app delete root --yes")
    lab.run(86400)
    assert names(lab) == ["root"]  # it waits for itself: the real one does, too, until somebody takes its finalizer away
    assert lab.cluster.find("cm", "settings", "argocd") is not None
    assert len(lab.find("ResourcesDeleted")) == 0
    lab.cluster.patch("app", "root", "argocd", {"metadata": {"finalizers": None}}, type="merge")
    lab.run(10)
    assert names(lab) == []


def test_two_applications_that_hold_each_other_do_no_harm(lab: Lab) -> None:
    lab.repo(
        {
            "one/two.yaml": str(dump_yaml(parent("two", "two"), sort_keys=False)),
            "two/one.yaml": str(dump_yaml(parent("one", "one"), sort_keys=False)),
        }
    )
    lab.add(parent("one", "one"))
    before = len(lab.trace)
    lab.run(86400)
    assert names(lab) == ["one", "two"]
    assert {lab.sync(name) for name in names(lab)} == {"Synced"}
    assert len(lab.trace) - before < 50
    lab.cli("app delete one --yes")
    before = len(lab.trace)
    lab.run(86400)
    assert names(lab) == ["one", "two"]  # each waits for the other to be gone: as in the real one
    assert len(lab.trace) - before < 20
    lab.cluster.patch("app", "one", "argocd", {"metadata": {"finalizers": None}}, type="merge")
    lab.run(300)
    assert names(lab) == []


def test_a_project_keeps_children_from_being_made(lab: Lab) -> None:
    from tests.agents.argocd.test_projects import project

    lab.repo({"root/web.yaml": child("web"), "apps/web/a.yaml": config_map("web")})
    lab.cluster.create(project(namespaceResourceBlacklist=[{"group": "argoproj.io", "kind": "Application"}]))
    app = parent()
    app["spec"]["project"] = "team-a"
    lab.add(app)
    lab.run(10)
    assert names(lab) == ["root"]
    assert "argoproj.io:Application is not permitted in project team-a" in lab.status("root")["operationState"]["message"]
